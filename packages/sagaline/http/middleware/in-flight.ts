import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { createGate } from '../gate.ts';

/**
 * Answers 429 while `max` requests are being worked on: a burst costs the callers a retry, and this process no memory. Comes
 * behind the body: a request is worked on when it is there whole, and until then it holds only the bytes that it has sent.
 */
export function inFlight(max: number): MiddlewareHandler<AppEnv> {
  const gate = createGate({ max, full: `${max} requests are being worked on` });
  return async function inFlight(_c, next) {
    const leave = gate.enter();
    try {
      await next();
    } finally {
      leave();
    }
  };
}

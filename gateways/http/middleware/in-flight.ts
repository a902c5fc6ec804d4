import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { Problem } from '../problem.ts';

/** Answers 429 while `max` requests are being worked on: a burst costs the callers a retry, and this process no memory. */
export function inFlight(max: number): MiddlewareHandler<AppEnv> {
  let current = 0;
  return async function inFlight(_c, next) {
    if (current >= max) {
      throw new Problem('too-many-requests', `${max} requests are being worked on; try again soon`, {
        headers: { 'Retry-After': '1' },
      });
    }
    current++;
    try {
      await next();
    } finally {
      current--;
    }
  };
}

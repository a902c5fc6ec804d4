import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { createTurns } from '../turns.ts';

/** Reads that may wait for each one that is being worked on. */
const WAITING_PER_TURN = 20;
const WAIT_MS = 5_000;
/** One saga's page asks Temporal, and a worker, which may take seconds: such reads wait for each other, and for no table. */
const SAGAS_AT_ONCE = 16;

/**
 * Bounds the reads of the API that are worked on at the same time, so that no number of them keeps an order waiting; those above
 * the bound wait in order, and are told to come back when there are too many. GET /v1/live has a bound of its own.
 */
export function reading(maxReads: number): MiddlewareHandler<AppEnv> {
  const turnsOf = (atOnce: number) => createTurns({ atOnce, waiting: atOnce * WAITING_PER_TURN, waitMs: WAIT_MS });
  const [lists, sagas] = [turnsOf(maxReads), turnsOf(SAGAS_AT_ONCE)];
  return async function reading(c, next) {
    const { method, path } = c.req;
    if ((method !== 'GET' && method !== 'HEAD') || path === '/v1/live') return next();
    return (path.startsWith('/v1/sagas/') ? sagas : lists).take(next);
  };
}

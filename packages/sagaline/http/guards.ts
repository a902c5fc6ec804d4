import type { MiddlewareHandler } from 'hono';
import { createBodyBudget, type BodyBudget } from './body-budget.ts';
import type { AppEnv } from './env.ts';
import { inFlight } from './middleware/in-flight.ts';
import { jsonBody } from './middleware/json-body.ts';
import type { IdempotencyStore } from './idempotency.ts';
import type { HttpOptions } from './ports.ts';

/** Bodies of the largest kind that fit into memory at the same time. */
const BODIES = 16;

/** What stands before every route with a body. One for the whole app, so that its bounds are those of the process. */
export interface RouteGuards {
  /** The body is read, then a place is taken. */
  readonly json: readonly [MiddlewareHandler<AppEnv>, MiddlewareHandler<AppEnv>];
}

/** The same for the engine's own routes. */
export interface Guards extends RouteGuards {
  /** For routes that read their body themselves, and go through `gate` then. */
  readonly budget: BodyBudget;
}

/** What routes that change something share, beside what all have. */
export interface Writing {
  readonly idempotency: IdempotencyStore;
  readonly guards: Guards;
}

export function createGuards(options: Pick<HttpOptions, 'bodyLimitBytes' | 'batchLimitBytes' | 'maxInFlight'>): Guards {
  const { bodyLimitBytes, batchLimitBytes, maxInFlight } = options;
  const budget = createBodyBudget(BODIES * Math.max(bodyLimitBytes, batchLimitBytes));
  return { budget, json: [jsonBody({ maxBytes: bodyLimitBytes, budget }), inFlight(maxInFlight)] };
}

import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { faultOf } from '../ground/fault.ts';
import { CannotStart } from '../ground/lifecycle.ts';
import type { AppContext, AppEnv } from './env.ts';
import { createGuards } from './guards.ts';
import { createIdempotencyStore } from './idempotency.ts';
import { apiKey } from './middleware/api-key.ts';
import { knownQuery } from './middleware/known-query.ts';
import { reading } from './middleware/reading.ts';
import { requestLog } from './middleware/request-log.ts';
import { sameSite } from './middleware/same-site.ts';
import { singleHeaders } from './middleware/single-headers.ts';
import { NO_OWN_PARTS, type OwnParts } from './own-parts.ts';
import type { HttpDeps } from './ports.ts';
import { Problem, answerProblem, fieldProblems, unavailable } from './problem.ts';
import { batchRoutes } from './batches/routes.ts';
import { deadLetterRoutes } from './dead-letters/routes.ts';
import { eventRoutes } from './events/routes.ts';
import { liveRoutes } from './live/routes.ts';
import { OPEN_PATHS, openApiRoute, operationsRoutes } from './operations/routes.ts';
import { operatorRoutes } from './sagas/operator-routes.ts';
import { recordedEventRoutes } from './recorded-events/routes.ts';
import { sagaRoutes } from './sagas/routes.ts';
import { searchRoutes } from './search/routes.ts';

export interface ApiDeps extends HttpDeps {
  /** The application's; none unless told. */
  readonly own?: OwnParts;
}

/** Two parts of the API answer the same requests: the second one would never be asked. Told at start. */
export class RouteTwice extends CannotStart {
  override readonly name = 'RouteTwice';
}

/**
 * The HTTP API: events in, sagas and dead letters to look at, operators' decisions, health and metrics, and the application's
 * own routes.
 *
 * @throws RouteTwice
 */
export function createHttpApp(deps: ApiDeps): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidParameters(result.error);
    },
  });
  const writing = { idempotency: createIdempotencyStore(deps.database), guards: createGuards(deps.options) };
  const sameSiteOnly = sameSite(deps.options.allowedHosts);
  // Reads that scan have connections of their own: what they wait for, an order does not.
  const reads = { ...deps, database: deps.reads ?? deps.database };
  const protect = apiKey(deps.options.apiKeys);
  const own = deps.own ?? NO_OWN_PARTS;

  app.use(requestId({ limitLength: 64 }));
  app.use(secureHeaders());
  app.use(requestLog(deps.logger, deps.observer));
  app.use(methodNotAllowed({ app, onMethodNotAllowed }));
  app.use((c, next) => (OPEN_PATHS.has(c.req.path) ? next() : sameSiteOnly(c, next)));
  app.use(singleHeaders());
  app.use((c, next) => (OPEN_PATHS.has(c.req.path) ? next() : protect(c, next)));
  app.use(knownQuery(app));
  app.use('/v1/*', reading(deps.options.maxReads));

  eventRoutes(app, deps, writing);
  batchRoutes(app, deps, writing, own.batches);
  recordedEventRoutes(app, reads);
  sagaRoutes(app, reads);
  searchRoutes(app, reads, own.searchKinds);
  operatorRoutes(app, deps, writing);
  deadLetterRoutes(app, deps, reads, writing);
  liveRoutes(app, deps, own.liveKinds);
  operationsRoutes(app, deps);
  for (const register of own.routes) register(app, { ...deps, ...writing, reads: reads.database });
  refuseDoubles(app);
  openApiRoute(app, deps.options);

  app.notFound((c) => answerProblem(c, new Problem('not-found', 'there is no such resource')));
  app.onError((error, c) => answerProblem(c, toProblem(error)));
  return app;
}

/** By their documents, in which every route stands. */
function refuseDoubles(app: OpenAPIHono<AppEnv>): void {
  const seen = new Set<string>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const route = `${definition.route.method.toUpperCase()} ${definition.route.path}`;
    if (seen.has(route)) throw new RouteTwice(`${route} is there twice: give one of them another path`);
    seen.add(route);
  }
}

function onMethodNotAllowed(c: AppContext, methods: string[]): Response {
  const allow = methods.join(', ');
  return answerProblem(c, new Problem('method-not-allowed', `allowed: ${allow}`, { headers: { Allow: allow } }));
}

function invalidParameters(error: Parameters<typeof fieldProblems>[0]): Problem {
  const errors = fieldProblems(error);
  const [first] = errors;
  return new Problem('malformed-request', `${first?.field ?? 'a parameter'}: ${first?.reason ?? 'is invalid'}`, {
    errors,
  });
}

/** What was not foreseen is answered without a word about the inside; the log line has the cause. */
function toProblem(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem('malformed-request', 'the request cannot be read', { cause: error });
  }
  if (faultOf(error) === 'outage') {
    return unavailable('a server behind this one does not do its part at the moment; repeat the request', error);
  }
  return new Problem('internal-error', 'it is in the log, under the request id', { cause: error });
}

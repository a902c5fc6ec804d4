import { OpenAPIHono } from '@hono/zod-openapi';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from '../env.ts';
import { apiKey } from '../middleware/api-key.ts';
import { knownQuery } from '../middleware/known-query.ts';
import { requestLog } from '../middleware/request-log.ts';
import { sameSite } from '../middleware/same-site.ts';
import type { HttpDeps, HttpOptions } from '../ports.ts';
import { Problem, answerProblem } from '../problem.ts';
import { OPEN_PATHS, operationsRoutes, type OperationsDeps } from './routes.ts';

export interface HealthDeps extends OperationsDeps, Pick<HttpDeps, 'logger' | 'observer'> {
  /** As at the gateway: when there are keys, metrics want one, and health wants none. */
  readonly options: Pick<HttpOptions, 'apiKeys' | 'allowedHosts'>;
}

/** Health, readiness and metrics of a process that serves no API, and nothing else. */
export function createHealthApp(deps: HealthDeps): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>();
  const sameSiteOnly = sameSite(deps.options.allowedHosts);
  const protect = apiKey(deps.options.apiKeys);

  app.use(requestId({ limitLength: 64 }));
  app.use(secureHeaders());
  app.use(requestLog(deps.logger, deps.observer));
  app.use((c, next) => (OPEN_PATHS.has(c.req.path) ? next() : sameSiteOnly(c, next)));
  app.use((c, next) => (OPEN_PATHS.has(c.req.path) ? next() : protect(c, next)));
  app.use(knownQuery(app));
  operationsRoutes(app, deps);

  app.notFound((c) => answerProblem(c, new Problem('not-found', 'there is no such resource')));
  app.onError((error, c) =>
    answerProblem(c, error instanceof Problem ? error : new Problem('internal-error', 'it is in the log')),
  );
  return app;
}

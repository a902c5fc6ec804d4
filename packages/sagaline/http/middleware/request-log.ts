import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from '../../ground/logger.ts';
import type { AppEnv } from '../env.ts';
import type { HttpObserver } from '../ports.ts';

/** The client went away before its answer: nobody's fault here. nginx's number, for no standard has one. */
const CLIENT_CLOSED = 499;
const OPERATIONS = new Set(['/healthz', '/readyz', '/metrics']);

/** One line and one measurement a request: route, status, time, saga. Never a body, a query or a header. */
export function requestLog(logger: Logger, observer: HttpObserver): MiddlewareHandler<AppEnv> {
  return async function requestLog(c, next) {
    const start = performance.now();
    await next();
    const ms = Math.round((performance.now() - start) * 10) / 10;
    // The pattern, not the path: ids would make as many time series as there are sagas.
    const route = c.res.status === 404 || c.res.status === 405 ? routeOr(routePath(c, -1)) : routePath(c, -1);
    const answered = c.res.status;
    const status = c.req.raw.signal.aborted ? CLIENT_CLOSED : answered;
    observer.requestEnded({ method: c.req.method, route, status, ms });
    // What was answered stands beside it: the work may be done all the same.
    const line = {
      requestId: c.get('requestId'),
      method: c.req.method,
      route,
      status,
      ms,
      saga: c.get('saga'),
      ...(status === answered ? {} : { answered }),
    };
    if (answered >= 500 && c.error) logger.error({ ...line, err: c.error }, 'request failed');
    else if (OPERATIONS.has(route)) logger.debug(line, 'request');
    else logger.info(line, 'request');
  };
}

/** A request that no route matched has only middleware behind it. */
function routeOr(route: string): string {
  return route.includes('*') ? '(none)' : route;
}

import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { AppContext, AppEnv } from '../env.ts';
import { Problem } from '../problem.ts';

/**
 * Refuses query parameters that the OpenAPI document does not name for the route: one that is ignored answers another question
 * than the one that was asked. Read off the document itself, so that a new route needs no line here; one that is not in it
 * has no parameters.
 */
export function knownQuery(app: OpenAPIHono<AppEnv>): MiddlewareHandler<AppEnv> {
  let known: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  return async function knownQuery(c, next) {
    const given = new Set(new URL(c.req.url).searchParams.keys());
    const route = given.size > 0 ? routeOf(c) : undefined;
    if (route !== undefined) {
      // Not before the first request: then every route is there.
      known ??= documentedQueries(app);
      const names = known.get(route);
      const errors = [...given]
        .filter((name) => !names?.has(name))
        .map((field) => ({ field, reason: 'is not known here' }));
      const [first] = errors;
      if (first) {
        const list =
          names && names.size > 0 ? `known: ${[...names].join(', ')}` : 'this resource has no query parameters';
        throw new Problem('malformed-request', `${printable(first.field)}: is not known here; ${list}`, { errors });
      }
    }
    await next();
  };
}

/** Method and pattern of the route that will answer; undefined where none will. */
function routeOf(c: AppContext): string | undefined {
  const handler = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  return handler && `${handler.method} ${handler.path}`;
}

function documentedQueries(app: OpenAPIHono<AppEnv>): Map<string, ReadonlySet<string>> {
  const queries = new Map<string, ReadonlySet<string>>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path, request } = definition.route;
    queries.set(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, namesOf(request?.query));
  }
  return queries;
}

type Query = NonNullable<RouteConfig['request']>['query'];

function namesOf(query: Query): ReadonlySet<string> {
  return new Set(query && 'shape' in query ? Object.keys(query.shape) : []);
}

/** Names come from anybody: what stands in `detail` is short, and one line. */
const printable = (name: string): string => name.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100);

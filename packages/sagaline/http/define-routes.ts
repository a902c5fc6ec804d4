/** Routes as a value of the application: what they answer, and the variables that they read. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Declaration, EnvOf, EnvSchemas } from '../config/declaration.ts';
import { envOf, type DeclaredValues } from '../config/declared.ts';
import type { AppEnv } from './env.ts';
import type { EventTargets } from '../dispatch/dispatch.ts';
import type { Failpoint } from '../ground/failpoints.ts';
import type { ParticipantLogger } from '../participants/tools.ts';
import type { SqlDatabase } from '../prisma/sql-database.ts';
import type { RouteGuards } from './guards.ts';
import type { IdempotencyStore } from './idempotency.ts';

/** What an application's routes have at hand. */
export interface RouteTools {
  /** For requests that write. */
  readonly database: SqlDatabase;
  /** A small pool for what only reads, and may take long: a request that writes never waits for it. */
  readonly reads: SqlDatabase;
  /** Which sagas an event reaches: read off the sagas themselves. */
  readonly routes: EventTargets;
  /** Stands before a route with a JSON body: `api.post(path, ...guards.json, …)`. */
  readonly guards: RouteGuards;
  /** For requests with an Idempotency-Key. */
  readonly idempotency: IdempotencyStore;
  readonly logger: ParticipantLogger;
  /** Where fault tests let the process die. Otherwise nothing. */
  readonly failpoint: Failpoint;
}

/** Registers routes, and documents them, on the engine's own API: its keys, bounds and problem answers hold for them too. */
export type RegisterRoutes = (api: OpenAPIHono<AppEnv>, tools: RouteTools) => void;

/** What routes say of themselves. */
export interface RoutesDefinition<Schemas extends EnvSchemas> extends Declaration<Schemas> {
  /** Called once, before the API answers. A path of the engine's or of other routes is refused. */
  register(api: OpenAPIHono<AppEnv>, tools: RouteTools & { readonly env: EnvOf<Schemas> }): void;
}

/** Some of an application's routes, for `defineApp`. */
export interface AppRoutes extends Declaration {
  readonly name: string;
  /** For the engine: gives them their variables. */
  bind(config: { readonly declared: DeclaredValues }): RegisterRoutes;
}

/**
 * Declares routes and their variables.
 *
 * @example
 * // routes.ts
 * import { createRoute, defineRoutes, IdParams, json, Problem, problems, readProjection, z } from 'sagaline/http';
 *
 * const GiftCard = z.object({ id: z.string(), sent: z.boolean() }).openapi('GiftCard');
 * const detail = createRoute({
 *   ...{ method: 'get', path: '/v1/gift-cards/{id}', request: { params: IdParams } },
 *   responses: { 200: json('The gift card', GiftCard), ...problems('not-found') },
 * });
 *
 * export const giftCards = defineRoutes('gift-cards', {
 *   register(api, { reads }) {
 *     api.openapi(detail, async (c) => {
 *       const { id } = c.req.valid('param');
 *       const cards = await readProjection('cards', () =>
 *         reads.$queryRaw<{ id: string; sent: boolean }[]>`SELECT * FROM "projection_cards"."cards" WHERE "id" = ${id}`,
 *       );
 *       if (!cards[0]) throw new Problem('not-found', 'no gift card has this id');
 *       return c.json(cards[0], 200);
 *     });
 *   },
 * });
 */
export function defineRoutes<Schemas extends EnvSchemas>(
  name: string,
  definition: RoutesDefinition<Schemas>,
): AppRoutes {
  const { env, contradictions } = definition;
  const declared: Declaration<Schemas> = { ...(env && { env }), ...(contradictions && { contradictions }) };
  const routes: AppRoutes = {
    // Contradictions are given the values of these very schemas.
    ...(declared as Declaration),
    name,
    bind(config) {
      const own = envOf(config, routes) as EnvOf<Schemas>;
      return (api, tools) => definition.register(api, { ...tools, env: own });
    },
  };
  return routes;
}

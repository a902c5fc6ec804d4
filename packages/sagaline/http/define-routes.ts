/** Routes as a value of the application: what they answer, and the variables that they read. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Database } from '../prisma/database.ts';
import type { Declaration, EnvOf, EnvSchemas } from '../config/declaration.ts';
import { envOf, type DeclaredValues } from '../config/declared.ts';
import type { AppEnv } from './env.ts';
import type { Writing } from './guards.ts';
import type { HttpDeps } from './ports.ts';

/** What an application's routes have at hand. */
export interface RouteTools
  extends Pick<HttpDeps, 'database' | 'routes' | 'producer' | 'failpoint' | 'observer' | 'logger'>, Writing {
  /** A small pool for what only reads, and may take long: a request that writes never waits for it. */
  readonly reads: Database;
}

/** Registers routes, and documents them, on the engine's own API: its keys, bounds and problem answers hold for them too. */
export type RegisterRoutes = (api: OpenAPIHono<AppEnv>, tools: RouteTools) => void;

export interface RoutesDefinition<Schemas extends EnvSchemas> extends Declaration<Schemas> {
  /** Called once, before the API answers. A path of the engine's or of other routes is refused. */
  register(api: OpenAPIHono<AppEnv>, tools: RouteTools & { readonly env: EnvOf<Schemas> }): void;
}

/** Some of an application's routes, for `defineApp`. */
export interface AppRoutes extends Declaration {
  readonly name: string;
  bind(config: { readonly declared: DeclaredValues }): RegisterRoutes;
}

/**
 * Declares routes and their variables.
 *
 * @example
 * export const giftCards = defineRoutes('gift-cards', {
 *   register(api, { reads }) {
 *     api.openapi(detail, async (c) => c.json(await findGiftCard(reads, c.req.valid('param').id), 200));
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

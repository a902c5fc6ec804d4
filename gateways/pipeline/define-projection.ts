/** A projection as a value of the application: what it is, and the variables that it reads. */
import type { Declaration, EnvOf, EnvSchemas } from '../../activities/engine/declaration.ts';
import { envOf, type DeclaredValues } from '../config/declared.ts';
import type { Projection } from './runtime/projection.ts';

export interface ProjectionDefinition<Schemas extends EnvSchemas> extends Declaration<Schemas> {
  /** @returns a projection of the definition's name */
  create(tools: { readonly env: EnvOf<Schemas> }): Projection;
}

/** One of an application's projections, for `defineApp`. */
export interface AppProjection extends Declaration {
  readonly name: string;
  create(config: { readonly declared: DeclaredValues }): Projection;
}

/**
 * Declares a projection and its variables.
 *
 * @example
 * export const sales = defineProjection('sales', {
 *   env: { SALES_KEEP_DAYS: z.coerce.number().int().min(1).default(30) },
 *   create: ({ env }) => createSales({ keepDays: env.SALES_KEEP_DAYS }),
 * });
 */
export function defineProjection<Schemas extends EnvSchemas>(
  name: string,
  definition: ProjectionDefinition<Schemas>,
): AppProjection {
  const { env, contradictions } = definition;
  const declared: Declaration<Schemas> = { ...(env && { env }), ...(contradictions && { contradictions }) };
  const projection: AppProjection = {
    // Contradictions are given the values of these very schemas.
    ...(declared as Declaration),
    name,
    create: (config) => definition.create({ env: envOf(config, projection) as EnvOf<Schemas> }),
  };
  return projection;
}

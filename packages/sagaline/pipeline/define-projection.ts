/** A projection as a value of the application: what it is, and the variables that it reads. */
import type { Declaration, EnvOf, EnvSchemas } from '../config/declaration.ts';
import { envOf, type DeclaredValues } from '../config/declared.ts';
import { tellLive, type Tell } from '../live/tell.ts';
import type { Projection } from './runtime/projection.ts';

export interface ProjectionDefinition<
  Schemas extends EnvSchemas,
  Told extends string = never,
> extends Declaration<Schemas> {
  /** Kinds of changes that live readers are told: events of GET /v1/live. Lower-case letters; none unless told. */
  readonly tells?: readonly Told[];
  /** @returns a projection of the definition's name */
  create(tools: { readonly env: EnvOf<Schemas>; readonly tell: Tell<Told> }): Projection;
}

/** One of an application's projections, for `defineApp`. */
export interface AppProjection extends Declaration {
  readonly name: string;
  readonly tells: readonly string[];
  create(config: { readonly declared: DeclaredValues }): Projection;
}

/**
 * Declares a projection, its variables, and what it tells live readers.
 *
 * @example
 * export const sales = defineProjection('sales', {
 *   env: { SALES_KEEP_DAYS: z.coerce.number().int().min(1).default(30) },
 *   create: ({ env }) => createSales({ keepDays: env.SALES_KEEP_DAYS }),
 * });
 */
export function defineProjection<Schemas extends EnvSchemas, const Told extends string = never>(
  name: string,
  definition: ProjectionDefinition<Schemas, Told>,
): AppProjection {
  const { env, contradictions, tells = [] } = definition;
  const declared: Declaration<Schemas> = { ...(env && { env }), ...(contradictions && { contradictions }) };
  const projection: AppProjection = {
    // Contradictions are given the values of these very schemas.
    ...(declared as Declaration),
    name,
    tells,
    create: (config) => definition.create({ env: envOf(config, projection) as EnvOf<Schemas>, tell: tellLive }),
  };
  return projection;
}

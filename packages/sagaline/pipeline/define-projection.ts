/** A projection as a value of the application: what it is, and the variables that it reads. */
import type { Declaration, EnvOf, EnvSchemas } from '../config/declaration.ts';
import { envOf, type DeclaredValues } from '../config/declared.ts';
import { tellLive, type Tell } from '../live/tell.ts';
import type { Projection } from './runtime/projection.ts';

/** What a projection says of itself. */
export interface ProjectionDefinition<
  Schemas extends EnvSchemas,
  Told extends string = never,
> extends Declaration<Schemas> {
  /** Kinds of changes that live readers are told: events of GET /v1/live. Lower-case letters; none unless told. */
  readonly tells?: readonly Told[];
  /**
   * Called once in a process that runs it, and where its tables are asked for.
   *
   * @returns a projection of the definition's name
   */
  create(tools: { readonly env: EnvOf<Schemas>; readonly tell: Tell<Told> }): Projection;
}

/** One of an application's projections, for `defineApp`. */
export interface AppProjection extends Declaration {
  readonly name: string;
  /** Kinds of changes that live readers are told. */
  readonly tells: readonly string[];
  /** For the engine: gives it its variables. */
  create(config: { readonly declared: DeclaredValues }): Projection;
}

/**
 * Declares a projection, its variables, and what it tells live readers.
 *
 * @example
 * // cards.ts
 * import { defineProjection, only } from 'sagaline/pipeline';
 * import { events } from './events.ts';
 *
 * export const cards = defineProjection('cards', {
 *   create: () => ({
 *     ...{ name: 'cards', description: 'gift cards that were sent', topics: ['gift-card.sent'] },
 *     tables: 'CREATE TABLE "cards" ("id" TEXT PRIMARY KEY, "sent" BOOLEAN NOT NULL)',
 *     async apply(tx, recorded) {
 *       for (const { key } of only(recorded, events['gift-card.sent']))
 *         await tx.query('INSERT INTO "cards" VALUES ($1, true) ON CONFLICT DO NOTHING', [key]);
 *     },
 *   }),
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

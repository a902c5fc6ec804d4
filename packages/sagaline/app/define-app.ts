import type { Declaration } from '../config/declaration.ts';
import type { AnyParticipant } from '../participants/participant.ts';
import type { EventValue } from '../contracts/event.ts';
import type { AppRoutes } from '../http/define-routes.ts';
import type { EventBatches } from '../http/batches/routes.ts';
import type { AppProjection } from '../pipeline/define-projection.ts';
import { postgresSearch, type AppSearch } from '../pipeline/search/define-search-index.ts';
import { SAGAS, type SearchKind } from '../pipeline/search/define-search-kind.ts';

/** What an application consists of. */
export interface AppDefinition {
  /** Such as `gift-shop`: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** The folder of the files `<name>.saga.ts`, such as `new URL('./workflows/', import.meta.url)`. */
  readonly sagas: URL;
  /** What sagas call; a worker makes them. */
  readonly participants: readonly AnyParticipant[];
  /** Events that neither a saga nor a participant brings along: for views, or for other teams. */
  readonly events?: readonly EventValue[];
  /** Views of the events, beside the engine's own: the archive and the search. */
  readonly projections?: readonly AppProjection[];
  /** An index that the search may use instead of PostgreSQL, such as `openSearch`: SEARCH_INDEX says which. */
  readonly search?: AppSearch;
  /** What the search finds beside sagas. */
  readonly searchKinds?: readonly SearchKind[];
  /** Events that come by the thousand, and are taken in batches (NDJSON). */
  readonly batches?: readonly EventBatches[];
  /** Routes of the HTTP API, beside the engine's own. */
  readonly routes?: readonly AppRoutes[];
  /**
   * The folder of its own Prisma migrations, such as `new URL('./prisma/migrations/', import.meta.url)`: `migrate` applies them
   * after the engine's, which are in a schema of their own, and processes want them. Left out by who applies them with Prisma.
   */
  readonly migrations?: URL;
}

/** An application that was checked, for `run` and `start`. */
export type App = Readonly<Required<Omit<AppDefinition, 'migrations'>> & Pick<AppDefinition, 'migrations'>>;

/** The lists of an application contradict each other: a programming error, told when its module is loaded. */
export class InvalidApp extends Error {
  override readonly name = 'InvalidApp';
  constructor(app: string, problems: readonly string[]) {
    super(`app ${app}: ${problems.join('; ')}`);
  }
}

const APP_NAME = /^[a-z][a-z0-9-]{0,62}$/;
/** Part of a schema's name, a consumer group's, and of the command line. */
const PROJECTION_NAME = /^[a-z]{1,40}$/;
/** Part of the API: a value of `kind`, an event of GET /v1/live. */
const KIND = /^[a-z]{1,40}$/;
const PATH = /^(\/[a-z0-9][a-z0-9-]*)+$/;
/** `ready` and `gap` are said of the stream itself. */
const ENGINE_LIVE: ReadonlySet<string> = new Set(['saga', 'ready', 'gap']);
const ENGINE_PROJECTIONS: ReadonlySet<string> = new Set(['archive', 'search']);

/**
 * Declares an application: the folder of its sagas, and the lists of what they and their users need. What can be checked without
 * servers and variables is checked here; the sagas when a process starts.
 *
 * @throws InvalidApp with all that is wrong
 * @example
 * // app.ts
 * import { defineApp } from 'sagaline';
 * import { stock } from './participants/stock.ts';
 *
 * export const app = defineApp({
 *   name: 'gift-shop',
 *   sagas: new URL('./sagas/', import.meta.url),
 *   participants: [stock],
 * });
 */
export function defineApp(definition: AppDefinition): App {
  const none = { events: [], projections: [], searchKinds: [], batches: [], routes: [] };
  const app = { ...none, search: postgresSearch, ...definition };
  const problems = [
    ...(APP_NAME.test(app.name) ? [] : ['name: must be lower-case letters, digits and hyphens']),
    ...(app.sagas.protocol === 'file:' ? [] : [`sagas: ${app.sagas.href} is no folder of this machine`]),
    ...(app.migrations === undefined || app.migrations.protocol === 'file:'
      ? []
      : [`migrations: ${app.migrations.href} is no folder of this machine`]),
    ...projectionProblems(app.projections.map(({ name }) => name)),
    ...doublesIn(
      'projection',
      app.projections.map(({ name }) => name),
    ),
    ...liveProblems(app.projections.flatMap(({ tells }) => tells)),
    ...searchKindProblems(app.searchKinds.map(({ kind }) => kind)),
    ...app.batches.flatMap(({ path }) => (PATH.test(path) ? [] : [`batches ${path}: must be a path such as /v1/logs`])),
    ...doublesIn(
      'routes',
      app.routes.map(({ name }) => name),
    ),
  ];
  if (problems.length > 0) throw new InvalidApp(app.name, problems);
  return Object.freeze({
    ...app,
    projections: Object.freeze([...app.projections]),
    searchKinds: Object.freeze([...app.searchKinds]),
    batches: Object.freeze([...app.batches]),
    routes: Object.freeze([...app.routes]),
  });
}

function projectionProblems(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (!PROJECTION_NAME.test(name)) return [`projection ${name}: its name must be up to 40 lower-case letters`];
    if (ENGINE_PROJECTIONS.has(name)) return [`projection ${name}: the engine has one of this name; rename yours`];
    return [];
  });
}

function liveProblems(kinds: readonly string[]): string[] {
  const wrong = kinds.flatMap((kind) => {
    if (!KIND.test(kind)) return [`live kind ${kind}: must be up to 40 lower-case letters`];
    return ENGINE_LIVE.has(kind) ? [`live kind ${kind}: the engine has one of this name; rename yours`] : [];
  });
  return [...wrong, ...doublesIn('live kind', kinds)];
}

function searchKindProblems(kinds: readonly string[]): string[] {
  const wrong = kinds.flatMap((kind) => {
    if (!KIND.test(kind)) return [`search kind ${kind}: must be up to 40 lower-case letters`];
    return kind === SAGAS.kind ? [`search kind ${kind}: the engine has one of this name; rename yours`] : [];
  });
  return [...wrong, ...doublesIn('search kind', kinds)];
}

const doublesIn = (what: string, names: readonly string[]): string[] =>
  names.flatMap((name, index) => (names.indexOf(name) < index ? [`${what} ${name}: there are two; rename one`] : []));

/** Everything of an application that has variables of its own. */
export const declarationsOf = ({
  participants,
  projections,
  routes,
  search,
  searchKinds,
}: Pick<App, 'participants' | 'projections' | 'routes' | 'search' | 'searchKinds'>): readonly Declaration[] => [
  ...participants,
  ...projections,
  ...routes,
  search,
  ...searchKinds,
];

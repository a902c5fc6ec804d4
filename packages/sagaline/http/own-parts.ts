/** What an application adds to the HTTP API. */
import type { DeclaredValues } from '../config/declared.ts';
import type { AppProjection } from '../pipeline/define-projection.ts';
import { kindNames, type KindName, type SearchKind } from '../pipeline/search/define-search-kind.ts';
import type { AppRoutes, RegisterRoutes } from './define-routes.ts';
import type { EventBatches } from './batches/routes.ts';

export interface OwnParts {
  readonly routes: readonly RegisterRoutes[];
  /** Events that are taken in batches. */
  readonly batches: readonly EventBatches[];
  /** What can be found, sagas among it. */
  readonly searchKinds: readonly KindName[];
  /** Kinds of changes that projections tell live readers. */
  readonly liveKinds: readonly string[];
}

/** Of the parts of an application that say it by themselves. */
export function ownParts(
  app: {
    readonly routes: readonly AppRoutes[];
    readonly batches: readonly EventBatches[];
    readonly searchKinds: readonly SearchKind[];
    readonly projections: readonly AppProjection[];
  },
  config: { readonly declared: DeclaredValues },
): OwnParts {
  return {
    routes: app.routes.map((routes) => routes.bind(config)),
    batches: app.batches,
    searchKinds: kindNames(app.searchKinds),
    liveKinds: app.projections.flatMap(({ tells }) => tells),
  };
}

/** Of an application that adds nothing. */
export const NO_OWN_PARTS: OwnParts = { routes: [], batches: [], searchKinds: kindNames([]), liveKinds: [] };

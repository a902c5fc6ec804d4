/** Every projection, by name: the archive first, then the application's, then the search. */
import type { Catalogue } from '../contracts/catalogue.ts';
import type { Config } from '../config/config.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { Logger } from '../ground/logger.ts';
import { createArchive, type ArchiveEffects } from './archive/archive.ts';
import type { AppProjection } from './define-projection.ts';
import type { Projection } from './runtime/projection.ts';
import type { AppSearch } from './search/define-search-index.ts';
import type { SearchKind } from './search/define-search-kind.ts';
import { createSearch } from './search/search.ts';

export interface ProjectionDeps {
  readonly app: {
    readonly projections: readonly AppProjection[];
    readonly search: AppSearch;
    readonly searchKinds: readonly SearchKind[];
  };
  readonly config: Config;
  readonly routes: Routes;
  readonly catalogue: Catalogue;
  readonly logger?: Logger;
  /** Absent where nothing runs live, such as on the command line. */
  readonly archiveEffects?: ArchiveEffects;
}

export function createProjections({
  app,
  config,
  routes,
  catalogue,
  logger,
  archiveEffects,
}: ProjectionDeps): readonly Projection[] {
  return [
    createArchive({ ...config.pipeline.archive, catalogue, logger, effects: archiveEffects }),
    ...app.projections.map((projection) => projection.create(config)),
    createSearch({
      ...config.pipeline.search,
      sagas: routes.sagas,
      kinds: app.searchKinds,
      boundsOf: (lines) => lines.bounds(config),
      index: app.search.createWriter(config),
    }),
  ];
}

/** Every projection, by name. One more is one more line here, and a folder beside. */
import type { Config } from '../config.ts';
import type { Routes } from '../kafka/routes.ts';
import type { Logger } from '../logger.ts';
import { publishStatistics } from '../live/publish-statistics.ts';
import { createArchive, type ArchiveEffects } from './archive/archive.ts';
import { createBehaviour } from './behaviour/projection.ts';
import { createLogs } from './logs/projection.ts';
import type { Projection } from './runtime/projection.ts';
import { createSearchWriter } from './search/create-search-index.ts';
import { createSearch } from './search/search.ts';
import { createStatistics } from './statistics/projection.ts';

export interface ProjectionDeps {
  readonly config: Config;
  readonly routes: Routes;
  readonly logger?: Logger;
  /** Absent where nothing runs live, such as on the command line. */
  readonly archiveEffects?: ArchiveEffects;
}

export function createProjections({ config, routes, logger, archiveEffects }: ProjectionDeps): readonly Projection[] {
  return [
    createArchive({ ...config.pipeline.archive, logger, effects: archiveEffects }),
    createStatistics({ settings: config.pipeline.statistics, publish: publishStatistics }),
    createBehaviour(config.pipeline.behaviour),
    createLogs(config.pipeline.logs),
    createSearch({ ...config.pipeline.search, sagas: routes.sagas, index: createSearchWriter(config.pipeline.search) }),
  ];
}

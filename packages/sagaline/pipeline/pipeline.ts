/** The consumers that turn events into views: each with its group, its tables and its fate. */
import { BOUNDS, createPool } from '../prisma/connection.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { Failpoint } from '../ground/failpoints.ts';
import type { Config } from '../config/config.ts';
import type { Kafka } from '../kafka/port.ts';
import type { ReplaySeal } from '../replay/replay-seal.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { Logger } from '../ground/logger.ts';
import { keepRunning, type KeptProjection } from './runtime/keep-running.ts';
import type { PipelineObserver } from './runtime/observer.ts';
import type { Projection } from './runtime/projection.ts';
import { readEvent } from './runtime/recorded-event.ts';
import { runProjection } from './runtime/run-projection.ts';

export interface PipelineDeps {
  readonly projections: readonly Projection[];
  readonly kafka: Kafka;
  readonly config: {
    readonly kafka: Pick<Config['kafka'], 'groupId'>;
    readonly database: Pick<Config['database'], 'url'>;
    readonly pipeline?: Pick<Config['pipeline'], 'setAsideLimit'>;
  };
  readonly routes: Routes;
  readonly catalogue: Catalogue;
  /** Tells records that were produced once more. */
  readonly seal?: ReplaySeal;
  readonly failpoint: Failpoint;
  readonly logger: Logger;
  readonly observer: PipelineObserver;
}

export interface Pipeline {
  /** By projection. */
  readonly isReady: Readonly<Record<string, () => boolean>>;
  close(): Promise<void>;
}

/** Connections beside the ones that apply batches: offsets at start. */
const SPARE_CONNECTIONS = 2;
/** Housekeeping of all projections together: one that takes long must not keep every other one waiting. */
const HOUSEKEEPING_CONNECTIONS = 2;

/** Starts every projection; one that cannot start is tried again while the others run. */
export async function startPipeline(deps: PipelineDeps): Promise<Pipeline> {
  const { projections, config, routes, catalogue, seal, logger, observer } = deps;
  const connections = projections.reduce((sum, { concurrency = 1 }) => sum + concurrency, SPARE_CONNECTIONS);
  const connection = {
    url: config.database.url,
    applicationName: 'sagaline-pipeline',
    onError: (error: Error) => logger.warn({ err: error }, 'a database connection broke'),
  };
  const pool = createPool({ ...connection, max: connections });
  // A day of the archive is written to a file, and read back, within one transaction: longer than a batch may be silent.
  const housekeepingPool = createPool({ ...connection, max: HOUSEKEEPING_CONNECTIONS, bounds: BOUNDS.operator });
  const groupId = config.kafka.groupId;
  const reading = { catalogue, startsSaga: (type: string) => routes.startsSaga(type), seal };
  const read = (record: Parameters<typeof readEvent>[0]) => readEvent(record, reading);

  const kept = await Promise.all(
    projections.map(async (projection): Promise<[string, KeptProjection]> => {
      const start = () =>
        runProjection({ ...deps, ...config.pipeline, projection, pool, housekeepingPool, groupId, read });
      return [projection.name, await keepRunning({ name: projection.name, start, logger, observer })];
    }),
  );
  return {
    isReady: Object.fromEntries(kept.map(([name, projection]) => [name, () => projection.isReady()])),
    async close() {
      await Promise.all(kept.map(([, projection]) => projection.close()));
      await Promise.all([pool.end(), housekeepingPool.end()]);
    },
  };
}

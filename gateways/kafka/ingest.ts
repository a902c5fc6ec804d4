import pLimit from 'p-limit';
import type { Failpoint } from '../../activities/failpoints.ts';
import type { Database } from '../../prisma/database.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import type { TemporalClient } from '../temporal/connect.ts';
import { createSagaSignaller } from '../temporal/signal-saga.ts';
import { createSagaStarter } from '../temporal/start-saga.ts';
import { createDeadLetters } from './dead-letter/create-dead-letters.ts';
import { createFollowUpDelivery } from './ingest/deliver-follow-up.ts';
import { createBatchHandler } from './ingest/handle-batch.ts';
import { createChunkHandler } from './ingest/handle-chunk.ts';
import type { IngestObserver } from './ingest/observer.ts';
import { createParkedSweeper } from './parked-sweeper.ts';
import type { BatchConsumer, Kafka } from './port.ts';
import type { Routes } from './routes.ts';

export type { IngestObserver } from './ingest/observer.ts';

/** Partitions of one process that are handled at the same time; starts in flight are bounded over all of them. */
const PARTITIONS_AT_ONCE = 4;

export interface IngestDeps {
  readonly kafka: Kafka;
  readonly database: Database;
  readonly temporal: Pick<TemporalClient, 'client' | 'eager'>;
  readonly routes: Routes;
  readonly config: {
    readonly kafka: Pick<Config['kafka'], 'groupId'>;
    readonly temporal: Pick<Config['temporal'], 'taskQueue'>;
    readonly ingest: Config['ingest'];
  };
  readonly logger: Logger;
  readonly observer: IngestObserver;
  readonly failpoint: Failpoint;
}

export interface Ingest {
  /** Whether records are consumed and dead letters could be written. */
  isReady(): boolean;
  /** Rejects when the consumer cannot be brought back: the process must end with the reason. */
  readonly failed: Promise<never>;
  /** Stops fetching, lets what is in hand end, commits, leaves the group. */
  close(): Promise<void>;
}

/**
 * Consumes the topics of the routes: every record is made durable in the inbox, starts or reaches its sagas, or becomes a
 * dead letter, before its offset is resolved. The topics and their dead-letter topics must exist.
 */
export async function createIngest(deps: IngestDeps): Promise<Ingest> {
  const { kafka, database, temporal, routes, config, logger, observer, failpoint } = deps;
  const { taskQueue } = config.temporal;
  const producer = await kafka.createProducer();
  const deadLetters = createDeadLetters(producer, database);
  const deliverFollowUp = createFollowUpDelivery({
    database,
    routes,
    signalSaga: createSagaSignaller(temporal.client),
  });
  const handleChunk = createChunkHandler({
    database,
    routes,
    deadLetters,
    startSaga: createSagaStarter({ temporal, taskQueue, settings: config.ingest.sagaSettings }),
    deliverFollowUp,
    observer,
    failpoint,
    limit: pLimit(config.ingest.maxStartsInFlight),
  });
  const consumer = await kafka
    .createConsumer({
      groupId: config.kafka.groupId,
      topics: routes.topics,
      concurrency: PARTITIONS_AT_ONCE,
      handle: createBatchHandler({ handleChunk, observer, logger }),
    })
    .catch(async (error: unknown): Promise<BatchConsumer> => {
      await producer.close();
      throw error;
    });
  const { parkedWindowMs } = config.ingest;
  const sweeper = createParkedSweeper({ database, deadLetters, deliverFollowUp, observer, logger, parkedWindowMs });

  return {
    isReady: () => consumer.isReady() && producer.isReady(),
    failed: consumer.failed,
    async close() {
      await Promise.all([consumer.close(), sweeper.close()]);
      await producer.close();
    },
  };
}

import pLimit from 'p-limit';
import type { Failpoint } from '../ground/failpoints.ts';
import type { Database } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { Config } from '../config/config.ts';
import { createSagaWorkflows } from '../http/sagas/temporal/saga-workflows.ts';
import type { Logger } from '../ground/logger.ts';
import { createKeepCancel } from '../sagas/keep-cancel.ts';
import type { TemporalClient } from '../temporal/connect.ts';
import { createSagaSignaller } from '../temporal/signal-saga.ts';
import { createSagaLookup } from '../temporal/saga-exists.ts';
import { createSagaStarter } from '../temporal/start-saga.ts';
import { createBurial } from '../dead-letter/bury.ts';
import { createDeadLetters } from '../dead-letter/create-dead-letters.ts';
import { createBurialRule } from './burial-rule.ts';
import { createFollowUpDelivery } from './deliver-follow-up.ts';
import { createGiveUp } from './give-up.ts';
import { createBatchHandler } from './handle-batch.ts';
import { createChunkHandler } from './handle-chunk.ts';
import { createIsolation } from './isolate.ts';
import type { IngestObserver } from './observer.ts';
import { readRecords } from './read-records.ts';
import { createTakeUpWaiting } from './take-up-waiting.ts';
import { createInboxSweeper } from './inbox-sweeper.ts';
import type { BatchConsumer, ConsumedRecord, Kafka } from '../kafka/port.ts';
import { loadReplaySeal } from '../replay/replay-seal.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import { createTopicLives } from '../kafka/topic-lives.ts';

export type { IngestObserver } from './observer.ts';

/** Partitions of one process that are handled at the same time; starts in flight are bounded over all of them. */
const PARTITIONS_AT_ONCE = 4;

export interface IngestDeps {
  readonly kafka: Kafka;
  readonly database: Database;
  readonly temporal: Pick<TemporalClient, 'client' | 'eager'>;
  readonly routes: Routes;
  readonly catalogue: Catalogue;
  readonly config: {
    readonly kafka: Pick<Config['kafka'], 'groupId'>;
    readonly temporal: Pick<Config['temporal'], 'taskQueue'>;
    readonly ingest: Config['ingest'];
  };
  readonly logger: Logger;
  readonly observer: IngestObserver;
  readonly failpoint: Failpoint;
  /** How long a record is held that fails for a reason nobody knows, in ms; see ingest/burial-rule.ts. For tests. */
  readonly unknownFaultHoldMs?: number;
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
  const { kafka, database, routes, catalogue, config, logger, observer, unknownFaultHoldMs } = deps;
  const seal = await loadReplaySeal(database);
  const lives = await createTopicLives(database, kafka, routes.topics);
  const producer = await kafka.createProducer();
  const burial = createBurial({ deadLetters: createDeadLetters(producer, database), observer, logger });
  const rule = createBurialRule(unknownFaultHoldMs);
  const isStarted = createSagaLookup(deps.temporal.client);
  const giveUp = createGiveUp({ database, isStarted, burial, observer });
  const ways = waysToSagas(deps);
  const limit = pLimit(config.ingest.maxStartsInFlight);
  const takeUp = createTakeUpWaiting({ ...deps, ...ways, burial });
  const handleChunk = createChunkHandler({ ...deps, ...ways, takeUp, seal, burial, limit });
  // Told once, by the chunk that it came in.
  const quietly = { catalogue, routes, seal, observer: { accepted: () => undefined } };
  const arrivalsOf = (record: ConsumedRecord) => readRecords([record], quietly).arrivals;
  const isolate = createIsolation({ handleChunk, arrivalsOf, giveUp, rule, logger });
  const consumer = await kafka
    .createConsumer({
      groupId: config.kafka.groupId,
      topics: routes.topics,
      concurrency: PARTITIONS_AT_ONCE,
      handle: createBatchHandler({ handleChunk, isolate, lives, kafka, observer, logger }),
      onPartitionEndsBelow: (gap) => lives.whereToReadOn(gap),
    })
    .catch(async (error: unknown): Promise<BatchConsumer> => {
      await producer.close();
      throw error;
    });
  const { parkedWindowMs } = config.ingest;
  const sweeper = createInboxSweeper({ ...deps, burial, takeUp, giveUp, rule, parkedWindowMs });

  return {
    isReady: () => consumer.isReady() && producer.isReady(),
    failed: consumer.failed,
    async close() {
      await Promise.all([consumer.close(), sweeper.close()]);
      await producer.close();
    },
  };
}

/** How events get to Temporal. */
function waysToSagas({ database, temporal, routes, config }: IngestDeps) {
  const { taskQueue } = config.temporal;
  const signalSaga = createSagaSignaller(temporal.client);
  const workflows = createSagaWorkflows(temporal.client);
  const keepCancel = createKeepCancel({ database, inspect: (id, wants) => workflows.inspect(id, wants) });
  return {
    startSaga: createSagaStarter({ temporal, taskQueue, settings: config.ingest.sagaSettings }),
    deliverFollowUp: createFollowUpDelivery({ database, routes, signalSaga, keepCancel }),
  };
}

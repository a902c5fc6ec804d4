import type { Pool } from 'pg';
import type { Failpoint } from '../../ground/failpoints.ts';
import type { BatchConsumer, ConsumedBatch, ConsumedRecord, Kafka, PartitionEndsBelow } from '../../kafka/port.ts';
import type { Logger } from '../../ground/logger.ts';
import { recordTimeMs } from '../../ground/instant.ts';
import { createApply } from './apply-batch.ts';
import { TopicEndsBelow, adoptTopicIds } from './lives.ts';
import type { PipelineObserver } from './observer.ts';
import { positionKey, readPlaces } from './offsets.ts';
import { schemaOf, type Projection } from './projection.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { ensureSchema } from './schema.ts';
import { inTransaction, transactionOf, useSchema } from './transaction.ts';

/** Records of one transaction where a projection does not say otherwise. */
const MAX_RECORDS = 5_000;

export interface RunDeps {
  readonly projection: Projection;
  readonly pool: Pool;
  /** For work that may take longer than a batch. */
  readonly housekeepingPool: Pool;
  readonly kafka: Kafka;
  /** Prefix of the projection's own consumer group. */
  readonly groupId: string;
  readonly read: (record: ConsumedRecord) => RecordedEvent;
  readonly failpoint: Failpoint;
  readonly logger: Logger;
  readonly observer: PipelineObserver;
  /** Records of a partition that are set aside one after the other, at most; beyond that, the fault is not theirs. */
  readonly setAsideLimit?: number;
}

export interface RunningProjection {
  isReady(): boolean;
  /** Rejects when the consumer cannot be brought back. */
  readonly failed: Promise<never>;
  /** Lets the transaction in hand end, and leaves the group. */
  close(): Promise<void>;
}

/** Consumer groups of projections: each its own, so that none waits for another. */
export const groupOf = (groupId: string, projection: Pick<Projection, 'name'>): string =>
  `${groupId}-projection-${projection.name}`;

/**
 * Consumes the projection's topics into its tables, from where its tables say they are.
 *
 * @throws ProjectionOutdated, TopicsMissing, and what Kafka and the database say
 */
export async function runProjection(deps: RunDeps): Promise<RunningProjection> {
  const { projection, pool, kafka, groupId, logger, observer } = deps;
  await ensureSchema(pool, projection);
  await adoptTopics(deps);
  const applyBatch = createApply({
    ...{ ...deps, schema: schemaOf(projection), live: true },
    onSetAside(one) {
      observer.setAside(projection.name, one.records);
      logger.error({ ...one, projection: projection.name }, 'a record cannot be applied and is set aside');
    },
  });
  /** Offset by position from which the next fetched record was asked for, and of which topic, as far as this process knows. */
  const asked = new Map<string, { readonly from: bigint; readonly topicId: string | undefined }>();
  for (const [position, { next, topicId }] of await readPlaces(pool, schemaOf(projection))) {
    asked.set(position, { from: next, topicId: topicId ?? undefined });
  }

  async function handle(batch: ConsumedBatch): Promise<void> {
    const { topic, partition, topicId, records } = batch;
    const position = positionKey(topic, partition);
    const began = performance.now();
    try {
      const applied = await applyBatch({ ...batch, askedFrom: asked.get(position)?.from });
      asked.set(position, { from: applied.next, topicId });
      if (applied.kind === 'elsewhere') {
        logger.debug({ topic, partition, next: String(applied.next) }, 'reads on from where the tables are');
        return batch.seek(String(applied.next));
      }
      batch.resolve(records.at(-1)?.offset ?? '0');
      observer.applied(projection.name, applied.records, performance.now() - began);
      const newest = recordTimeMs(records.at(-1)?.timestamp ?? 0);
      observer.behind(projection.name, Math.max(0, Date.now() - newest));
    } catch (error) {
      observer.failed(projection.name);
      throw error;
    }
  }

  /** Where a partition was left, unless its topic is another one now: then it has not been read yet. */
  function startAt(topic: string, partition: number, topicId?: string): string | undefined {
    const left = asked.get(positionKey(topic, partition));
    return left === undefined || isAnother(left.topicId, topicId) ? undefined : String(left.from);
  }

  /** The topic was made anew: from its beginning. Anything else is for somebody to decide. */
  function onPartitionEndsBelow(gap: PartitionEndsBelow): string | undefined {
    if (isAnother(asked.get(positionKey(gap.topic, gap.partition))?.topicId, gap.topicId)) return gap.low;
    logger.error(
      { err: new TopicEndsBelow(projection.name, gap), projection: projection.name },
      'a topic is not what it was',
    );
    return undefined;
  }

  const consumer = await kafka.createConsumer({
    groupId: groupOf(groupId, projection),
    topics: projection.topics,
    concurrency: projection.concurrency ?? 1,
    maxRecords: projection.maxRecords ?? MAX_RECORDS,
    ...{ startAt, onPartitionEndsBelow, handle },
  });
  const housekeeping = startMaintenance(deps);
  return runningOf(consumer, housekeeping);
}

const isAnother = (known: string | undefined, now: string | undefined): boolean =>
  known !== undefined && now !== undefined && known !== now;

/** Tables that were made before topics had ids learn them, so that a topic that is made anew later is seen. */
async function adoptTopics({ projection, pool, kafka }: RunDeps): Promise<void> {
  const topicIds = new Map<string, string>();
  const ends = new Map<string, bigint>();
  const places = await readPlaces(pool, schemaOf(projection));
  const nameless = new Set([...places.values()].filter(({ topicId }) => topicId === null).map(({ topic }) => topic));
  for (const topic of projection.topics.filter((one) => nameless.has(one))) {
    const topicId = await kafka.topicIdOf(topic);
    if (topicId === undefined) continue;
    topicIds.set(topic, topicId);
    for (const { partition, high } of await kafka.offsetsOf(topic)) ends.set(positionKey(topic, partition), high);
  }
  await adoptTopicIds(pool, schemaOf(projection), topicIds, (topic, partition) =>
    ends.get(positionKey(topic, partition)),
  );
}

function runningOf(consumer: BatchConsumer, housekeeping: { close(): Promise<void> }): RunningProjection {
  return {
    isReady: () => consumer.isReady(),
    failed: consumer.failed,
    async close() {
      await Promise.all([consumer.close(), housekeeping.close()]);
    },
  };
}

/** At once, and then again and again, one run at a time. What fails is said and tried again at its next time. */
function startMaintenance({ projection, housekeepingPool, logger }: RunDeps): { close(): Promise<void> } {
  const { maintenance } = projection;
  if (!maintenance) return { close: () => Promise.resolve() };
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= inTransaction(housekeepingPool, async (client) => {
      await useSchema(client, schemaOf(projection));
      await maintenance.run(transactionOf(client, true));
    })
      .catch((error: unknown) => logger.error({ err: error, projection: projection.name }, 'housekeeping failed'))
      .finally(() => (running = undefined));
  };
  run();
  const timer = setInterval(run, maintenance.everyMs);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

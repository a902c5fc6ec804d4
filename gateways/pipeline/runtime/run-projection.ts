import type { Pool } from 'pg';
import type { Failpoint } from '../../../activities/failpoints.ts';
import type { BatchConsumer, ConsumedBatch, ConsumedRecord, Kafka } from '../../kafka/port.ts';
import type { Logger } from '../../logger.ts';
import { createApply, positionKey, readOffsets, transactionOf, type RecordRange } from './apply-batch.ts';
import type { PipelineObserver } from './observer.ts';
import { schemaOf, type Projection } from './projection.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { ensureSchema, inTransaction, useSchema } from './schema.ts';

/** Records of one transaction where a projection does not say otherwise. */
const MAX_RECORDS = 5_000;

export interface RunDeps {
  readonly projection: Projection;
  readonly pool: Pool;
  readonly kafka: Kafka;
  /** Prefix of the projection's own consumer group. */
  readonly groupId: string;
  readonly read: (record: ConsumedRecord) => RecordedEvent;
  readonly failpoint: Failpoint;
  readonly logger: Logger;
  readonly observer: PipelineObserver;
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
  const applyBatch = createApply({ ...deps, schema: schemaOf(projection), live: true });
  /** Offset by position from which the next fetched record was asked for, as far as this process knows. */
  const askedFrom = await readOffsets(pool, schemaOf(projection));

  async function handle(batch: ConsumedBatch): Promise<void> {
    const { topic, partition, records } = batch;
    const position = positionKey(topic, partition);
    const began = performance.now();
    try {
      const range: RecordRange = { topic, partition, records, askedFrom: askedFrom.get(position) };
      const applied = await applyBatch(range);
      askedFrom.set(position, applied.next);
      if (applied.kind === 'elsewhere') {
        logger.debug({ topic, partition, next: String(applied.next) }, 'reads on from where the tables are');
        return batch.seek(String(applied.next));
      }
      batch.resolve(records.at(-1)?.offset ?? '0');
      observer.applied(projection.name, applied.records, performance.now() - began);
      observer.behind(projection.name, Math.max(0, Date.now() - (records.at(-1)?.timestamp ?? 0)));
    } catch (error) {
      observer.failed(projection.name);
      throw error;
    }
  }

  const consumer = await kafka.createConsumer({
    groupId: groupOf(groupId, projection),
    topics: projection.topics,
    concurrency: projection.concurrency ?? 1,
    maxRecords: projection.maxRecords ?? MAX_RECORDS,
    startAt: (topic, partition) => askedFrom.get(positionKey(topic, partition))?.toString(),
    handle,
  });
  const housekeeping = startMaintenance(deps);
  return runningOf(consumer, housekeeping);
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
function startMaintenance({ projection, pool, logger }: RunDeps): { close(): Promise<void> } {
  const { maintenance } = projection;
  if (!maintenance) return { close: () => Promise.resolve() };
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= inTransaction(pool, async (client) => {
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

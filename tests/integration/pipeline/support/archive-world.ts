/** The archive on real servers, with records of any day, and the API over it. */
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { createArchive, type ArchiveDeps } from '../../../../packages/sagaline/pipeline/archive/archive.ts';
import { createMaintenance, type ArchivePolicy } from '../../../../packages/sagaline/pipeline/archive/maintenance.ts';
import {
  schemaOf,
  type Projection,
  type ProjectionTransaction,
} from '../../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createArchiveEffects } from '../../../../packages/sagaline/process/archive-effects.ts';
import { createDatabase } from '../../../../packages/sagaline/prisma/database.ts';
import { events, type EventType } from '../../../../workflows/events.ts';
import { brokers } from '../../../support/kafka.ts';
import { createTestApp } from '../../../unit/http/support/test-app.ts';
import { createPipelineWorld } from './world.ts';
import { inTransaction, transactionOf, useSchema } from '../../../../packages/sagaline/pipeline/runtime/transaction.ts';
import { catalogue } from '../../../support/reference.ts';

export type ArchiveWorld = Awaited<ReturnType<typeof createArchiveWorld>>;

export interface RawRecord {
  readonly topic: string;
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** RFC 3339; the present unless told. */
  readonly at?: string;
  readonly partition?: number;
}

/** A topic of whose events nobody here knows anything. */
export const FOREIGN_TOPIC = 'stock.counted';

const NO_POLICY: ArchivePolicy = { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined };

export async function createArchiveWorld() {
  const world = await createPipelineWorld({ topics: Object.keys(events) as EventType[] });
  await world.kafka.ensureTopics([{ topic: FOREIGN_TOPIC, partitions: 2 }]);
  const database = createDatabase({ url: world.databaseUrl, poolSize: 4, acquireTimeoutMs: 5_000 });
  const sender = new KafkaJs({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).producer();
  await sender.connect();
  const outcomes = new Map<string, number>();
  const effects = createArchiveEffects({
    ...world,
    database,
    observer: {
      recorded: (topic, outcome, count) => {
        const known = outcomes.get(`${topic} ${outcome}`) ?? 0;
        outcomes.set(`${topic} ${outcome}`, known + count);
      },
    },
  });
  // Housekeeping runs when a test says so.
  const { maintenance, ...projection }: Projection = createArchive({
    catalogue,
    ...{ policy: NO_POLICY, extraTopics: [FOREIGN_TOPIC], effects },
  });

  /** Work in the archive's tables, as the pipeline does it. */
  const inArchive = <T>(work: (tx: ProjectionTransaction) => Promise<T>): Promise<T> =>
    inTransaction(world.pool, async (client) => {
      await useSchema(client, schemaOf(projection));
      return work(transactionOf(client, true));
    });

  return {
    ...world,
    ...{ database, outcomes, projection, maintenance, inArchive, effects },
    ...createTestApp({ database }),

    /** Any bytes, with any time; one request, so that a partition's records stay together. */
    async send(...records: readonly RawRecord[]): Promise<void> {
      const topics = [...new Set(records.map(({ topic }) => topic))];
      await sender.sendBatch({
        topicMessages: topics.map((topic) => ({
          topic: `${world.prefix}.${topic}`,
          messages: records
            .filter((record) => record.topic === topic)
            .map(({ key = null, value, headers = {}, at, partition }) => ({
              ...{ key, value, headers: { ...headers } },
              ...(at === undefined ? {} : { timestamp: String(Date.parse(at)) }),
              ...(partition === undefined ? {} : { partition }),
            })),
        })),
      });
    },

    /** One run of the housekeeping, at a time of the test's choice. */
    maintain: (policy: Partial<ArchivePolicy>, at: string, deps: Partial<ArchiveDeps> = {}) =>
      inArchive(createMaintenance({ ...deps, policy: { ...NO_POLICY, ...policy }, now: () => Date.parse(at) })),

    async close(): Promise<void> {
      await sender.disconnect();
      await database.$disconnect();
      await world.close();
    },
  };
}

/** Real Kafka, PostgreSQL and Temporal for ingest tests: own topics, own database, own task queue. No worker runs. */
import { randomUUID } from 'node:crypto';
import { inject, vi } from 'vitest';
import { createFailpoint } from '../../../../activities/failpoints.ts';
import { readConfig } from '../../../../gateways/config.ts';
import { createIngest, type Ingest, type IngestDeps, type IngestObserver } from '../../../../gateways/kafka/ingest.ts';
import type { ConsumedRecord, ProducedRecord } from '../../../../gateways/kafka/port.ts';
import { createRoutes, registrationsOf } from '../../../../gateways/kafka/routes.ts';
import { topicSpecs } from '../../../../gateways/kafka/topics.ts';
import { connectTemporal } from '../../../../gateways/temporal/connect.ts';
import { createDatabase } from '../../../../prisma/database.ts';
import { environmentOf } from '../../../../stack/addresses.ts';
import * as workflows from '../../../../workflows/index.ts';
import { collect, connectKafka, eventually, silent, unique } from '../../../support/kafka.ts';
import { createScratchDatabase } from '../../../support/scratch-database.ts';
import { isolate } from './isolated-kafka.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;

export const routes = createRoutes(registrationsOf(workflows));

export const quietObserver: IngestObserver = {
  accepted: () => undefined,
  outcome: () => undefined,
  deadLettered: () => undefined,
  batch: () => undefined,
  retried: () => undefined,
};

/** An order id that nobody else uses: workflow ids are shared by all tests of the stack. */
export const anOrderId = (): string => `o-${randomUUID()}`;

export async function createWorld(partitions = 1) {
  const prefix = unique('ingest');
  const kafka = isolate(connectKafka({ sessionTimeoutMs: 6_000 }), prefix);
  const listened = new Set(routes.topics.flatMap((topic) => [topic as string, `${topic}.dlq`]));
  const [scratch] = await Promise.all([
    createScratchDatabase(inject('stack').databaseUrl),
    kafka.ensureTopics(topicSpecs(partitions).filter(({ topic }) => listened.has(topic))),
  ]);
  const environment = {
    ...environmentOf(inject('stack')),
    DATABASE_URL: scratch.url,
    TEMPORAL_TASK_QUEUE: prefix,
    KAFKA_GROUP_ID: prefix,
  };
  const config = readConfig(environment);
  const database = createDatabase(config.database);
  const temporal = await connectTemporal({ config: config.temporal });
  const producer = await kafka.createProducer();
  const running = new Set<Ingest>();

  const deps: IngestDeps = {
    kafka,
    database,
    temporal,
    routes,
    config,
    logger: silent,
    observer: quietObserver,
    failpoint: createFailpoint([]),
  };

  return {
    prefix,
    environment,
    config,
    database,
    temporal,
    kafka,
    topic: (type: string): string => `${prefix}.${type}`,
    produce: (...records: Partial<ProducedRecord>[]) =>
      producer.send(
        records.map((record) => ({ topic: 'order.created', key: null, value: null, headers: {}, ...record })),
      ),

    async startIngest(overrides: Partial<IngestDeps> = {}): Promise<Ingest> {
      const ingest = await createIngest({ ...deps, ...overrides });
      running.add(ingest);
      return {
        ...ingest,
        async close() {
          running.delete(ingest);
          await ingest.close();
        },
      };
    },

    /** Waits until the saga's workflow is there, and describes it. */
    async started(workflowId: string) {
      return vi.waitFor(() => temporal.client.workflow.getHandle(workflowId).describe(), {
        timeout: 20_000,
        interval: 25,
      });
    },

    /** The events of a workflow's history by type, oldest first. */
    async history(workflowId: string) {
      const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
      return events ?? [];
    },

    inboxOf: (workflowId: string) =>
      database.inboxEvent.findMany({ where: { workflowId }, orderBy: [{ topic: 'desc' }, { offset: 'asc' }] }),

    /** Waits for the dead letter of an original position. */
    async deadLetter(topic: string, offset: number) {
      return vi.waitFor(() => database.deadLetter.findFirstOrThrow({ where: { topic, offset } }), {
        timeout: 20_000,
        interval: 25,
      });
    },

    /** Reads a topic until it has `count` records. */
    async read(topic: string, count: number): Promise<readonly ConsumedRecord[]> {
      const seen = await collect(kafka, topic);
      await eventually(() => {
        if (seen.records.length < count) throw new Error(`${seen.records.length} of ${count} records`);
      }).finally(() => seen.close());
      return seen.records;
    },

    async close(): Promise<void> {
      await Promise.all([...running].map((ingest) => ingest.close()));
      await producer.close();
      for (const { workflowId } of await database.saga.findMany({ select: { workflowId: true } })) {
        await temporal.client.workflow
          .getHandle(workflowId)
          .terminate('the test is over')
          .catch(() => undefined);
      }
      await temporal.close();
      await database.$disconnect();
      await scratch.drop();
    },
  };
}

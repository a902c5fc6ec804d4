/** Real Kafka, PostgreSQL and Temporal for ingest tests: own topics, own database, own task queue. No worker runs. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { expect, inject, vi } from 'vitest';
import { createFailpoint, type FailpointName } from '../../../../packages/sagaline/ground/failpoints.ts';
import { readConfig } from '../../../../packages/sagaline/config/config.ts';
import { createIngest, type Ingest, type IngestDeps } from '../../../../packages/sagaline/ingest/ingest.ts';
import type { ConsumedRecord, ProducedRecord } from '../../../../packages/sagaline/kafka/port.ts';
import { topicSpecs } from '../../../../packages/sagaline/events/topics.ts';
import { connectTemporal } from '../../../../packages/sagaline/temporal/connect.ts';
import { createDatabase } from '../../../../packages/sagaline/prisma/database.ts';
import { environmentOf } from '../../../../packages/sagaline/dev/addresses.ts';
import type { FollowUp, SagaInput } from '../../../../packages/sagaline/contracts/saga.ts';
import { collect, connectKafka, eventually, silent, unique } from '../../../support/kafka.ts';
import { createTestDatabase } from '../../../support/stack.ts';
import { isolate } from '../../../support/isolated-kafka.ts';
import { quietObserver } from './quiet-observer.ts';
import { catalogue, routes } from '../../../support/reference.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;

export { routes };

/** An order id that nobody else uses: workflow ids are shared by all tests of the stack. */
export const anOrderId = (): string => `o-${randomUUID()}`;

export interface WorldOptions {
  /** Topics that are not to exist yet. */
  readonly without?: readonly string[];
  /** Largest dead letter that the topics take. */
  readonly deadLetterBytes?: number;
}

export async function createWorld(partitions = 1, { without = [], deadLetterBytes }: WorldOptions = {}) {
  const prefix = unique('ingest');
  const kafka = isolate(connectKafka({ sessionTimeoutMs: 6_000 }), prefix);
  const listened = new Set(routes.topics.flatMap((topic) => [topic, `${topic}.dlq`]));
  const specs = topicSpecs(catalogue, partitions)
    .filter(({ topic }) => listened.has(topic))
    .map((spec) => {
      const isBound = deadLetterBytes !== undefined && spec.topic.endsWith('.dlq');
      return isBound ? { ...spec, config: { 'max.message.bytes': String(deadLetterBytes) } } : spec;
    });
  const [testDatabase] = await Promise.all([
    createTestDatabase(),
    kafka.ensureTopics(specs.filter(({ topic }) => !without.includes(topic))),
  ]);
  const environment = {
    ...environmentOf(inject('stack')),
    DATABASE_URL: testDatabase.url,
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
    catalogue,
    config,
    logger: silent,
    observer: quietObserver,
    failpoint: createFailpoint([]),
  };

  async function historyOf(workflowId: string) {
    const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
    return events ?? [];
  }

  return {
    prefix,
    deps,
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

    /** Runs ingest in a process that dies at a failpoint; resolves with the signal that killed it. */
    async ingestDiesAt(failpoint: FailpointName): Promise<NodeJS.Signals | null> {
      const script = join(import.meta.dirname, 'ingest-process.ts');
      const child = spawn(process.execPath, ['--import', 'tsx', script], {
        env: { ...process.env, ...environment, SAGALINE_FAILPOINTS: failpoint },
        stdio: 'ignore',
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      return signal;
    },

    /** Waits until the saga's workflow is there, and describes it. */
    async started(workflowId: string) {
      return vi.waitFor(() => temporal.client.workflow.getHandle(workflowId).describe(), {
        timeout: 50_000,
        interval: 25,
      });
    },

    /** The input a workflow was started with. */
    async inputOf(workflowId: string): Promise<SagaInput | undefined> {
      const events = await historyOf(workflowId);
      const [payload] = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      return payload ? defaultPayloadConverter.fromPayload<SagaInput>(payload) : undefined;
    },

    /** The follow-ups that were signalled to a workflow, oldest first. */
    async signalsOf(workflowId: string): Promise<FollowUp[]> {
      const signals = (await historyOf(workflowId)).flatMap(
        (event) => event.workflowExecutionSignaledEventAttributes ?? [],
      );
      const payloads = signals.flatMap(({ input }) => input?.payloads ?? []);
      return payloads.map((payload) => defaultPayloadConverter.fromPayload<FollowUp>(payload));
    },

    /** Deletes a workflow, as its retention does in the end. */
    async forget(workflowId: string): Promise<void> {
      const { client } = temporal;
      await client.workflow.getHandle(workflowId).terminate();
      const { namespace } = config.temporal;
      const request = { namespace, workflowExecution: { workflowId } };
      await client.workflowService.deleteWorkflowExecution(request);
      const gone = () => expect(client.workflow.getHandle(workflowId).describe()).rejects.toThrow(/not found/);
      // The server puts a deletion right after the end off until the end is in its index: some twenty seconds.
      await eventually(gone, 120_000);
    },

    createDeadLetterTopics: () => kafka.ensureTopics(specs),

    /** The group's committed offset of partition 0; -1 when there is none. */
    async committedOffset(topic: string): Promise<number> {
      const admin = new KafkaJs({ brokers: config.kafka.brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const [fetched] = await admin.fetchOffsets({ groupId: prefix, topics: [`${prefix}.${topic}`] });
      await admin.disconnect();
      return Number(fetched?.partitions.find(({ partition }) => partition === 0)?.offset ?? -1);
    },

    until: (condition: () => boolean): Promise<void> => eventually(() => expect(condition()).toBe(true)),

    inboxOf: (workflowId: string) =>
      database.inboxEvent.findMany({ where: { workflowId }, orderBy: [{ topic: 'desc' }, { offset: 'asc' }] }),

    /** Waits for the dead letter of an original position. */
    async deadLetter(topic: string, offset: number) {
      return vi.waitFor(() => database.deadLetter.findFirstOrThrow({ where: { topic, offset } }), {
        timeout: 50_000,
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
      await testDatabase.close();
    },
  };
}

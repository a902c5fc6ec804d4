/** Projections on the stack's real Kafka and a database of the test file's own, with topics that no other test reads. */
import { startPipeline, type Pipeline } from '../../../../packages/sagaline/pipeline/pipeline.ts';
import { schemaOf, type Projection } from '../../../../packages/sagaline/pipeline/runtime/projection.ts';
import { topicSpecs } from '../../../../packages/sagaline/events/topics.ts';
import { businessKeyOf } from '../../../../packages/sagaline/contracts/event.ts';
import { events, type EventType, type Payload } from '../../../../workflows/events.ts';
import { isolate } from '../../../support/isolated-kafka.ts';
import { connectKafka, eventually, silent, unique } from '../../../support/kafka.ts';
import { createTestDatabase, createTestPool } from '../../../support/stack.ts';
import { catalogue, routes } from '../../../support/reference.ts';

export type PipelineWorld = Awaited<ReturnType<typeof createPipelineWorld>>;

export interface Produced<T extends EventType = EventType> {
  readonly type: T;
  readonly payload: Payload<T>;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function createPipelineWorld({ topics }: { readonly topics: readonly EventType[] }) {
  const prefix = unique('pipeline');
  const kafka = isolate(connectKafka(), prefix);
  await kafka.ensureTopics(
    topicSpecs(catalogue, 3).filter(({ topic }) => topics.some((type) => topic.startsWith(type))),
  );
  const database = await createTestDatabase();
  const pool = createTestPool(database.url, 4);
  const producer = await kafka.createProducer();
  const running = new Set<Pipeline>();
  const failures: string[] = [];

  return {
    ...{ kafka, pool, producer, prefix, databaseUrl: database.url, routes, failures },

    /** Starts projections as a process of its own would. */
    async start(...projections: readonly Projection[]): Promise<Pipeline> {
      const pipeline = await startPipeline({
        catalogue,
        ...{ projections, kafka, routes, logger: silent, failpoint: () => undefined },
        config: { kafka: { groupId: prefix }, database: { url: database.url } },
        observer: {
          applied: () => undefined,
          behind: () => undefined,
          setAside: () => undefined,
          failed: (name) => void failures.push(name),
        },
      });
      running.add(pipeline);
      return {
        ...pipeline,
        close() {
          running.delete(pipeline);
          return pipeline.close();
        },
      };
    },

    async produce(...produced: readonly Produced[]): Promise<void> {
      await producer.send(
        produced.map(({ type, payload, headers = {} }) => ({
          topic: type,
          key: businessKeyOf(events[type], payload),
          value: JSON.stringify(payload),
          headers,
        })),
      );
    },

    /** Rows of a projection's table, by SQL with names of its schema. */
    async rows<Row extends object>(projection: Pick<Projection, 'name'>, sql: string): Promise<Row[]> {
      const client = await pool.connect();
      try {
        await client.query(`SET search_path = ${schemaOf(projection)}, public`);
        return (await client.query<Row>(sql)).rows;
      } finally {
        client.release(true);
      }
    },

    /** Waits until the projection has applied `records` records, over all partitions, from their beginnings on. */
    async applied(projection: Pick<Projection, 'name'>, records: number): Promise<void> {
      await eventually(async () => {
        const sql = `SELECT coalesce(sum("next_offset"), 0)::INT AS "applied" FROM ${schemaOf(projection)}."offsets" WHERE "next_offset" >= 0`;
        const { rows } = await pool.query<{ applied: number }>(sql);
        if (rows[0]?.applied !== records) throw new Error(`${rows[0]?.applied ?? 0} of ${records} records applied`);
      });
    },

    async close(): Promise<void> {
      await Promise.all([...running].map((pipeline) => pipeline.close()));
      await producer.close();
      await pool.end();
      await database.close();
    },
  };
}

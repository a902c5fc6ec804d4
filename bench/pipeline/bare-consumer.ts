/**
 * The baseline: what somebody writes who has nothing but kafkajs and pg. A fetched batch is one statement into a table without
 * an index; no event is parsed, checked or counted, and nothing says how far it came.
 */
import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';
import { Pool } from 'pg';

export interface BareDeps {
  readonly brokers: string[];
  readonly groupId: string;
  readonly databaseUrl: string;
  readonly topics: string[];
  readonly onInserted: (records: number, durationMs: number) => void;
}

/** As many partitions at once as the archive. */
const CONCURRENCY = 3;

const TABLE = `
  CREATE TABLE public."bare" (
    "topic" TEXT NOT NULL, "partition" INTEGER NOT NULL, "offset" BIGINT NOT NULL, "key" TEXT, "time" TIMESTAMPTZ(3) NOT NULL,
    "payload" JSON
  )`;

const INSERT = `
  INSERT INTO public."bare" SELECT $1::TEXT, $2::INT, "offset", "key", to_timestamp("time" / 1000), "payload"
  FROM unnest($3::BIGINT[], $4::TEXT[], $5::FLOAT8[], $6::JSON[]) AS "row" ("offset", "key", "time", "payload")`;

export async function runBareConsumer({ brokers, groupId, databaseUrl, topics, onInserted }: BareDeps): Promise<void> {
  const pool = new Pool({ connectionString: databaseUrl, max: CONCURRENCY });
  await pool.query(TABLE);
  const consumer = new Kafka({ brokers, clientId: 'bare', logLevel: logLevel.ERROR }).consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: CONCURRENCY,
    async eachBatch({ batch: { topic, partition, messages } }) {
      const began = performance.now();
      await pool.query(INSERT, [topic, partition, ...columnsOf(messages)]);
      onInserted(messages.length, performance.now() - began);
    },
  });
}

const columnsOf = (messages: readonly KafkaMessage[]) => [
  messages.map(({ offset }) => offset),
  messages.map(({ key }) => key?.toString() ?? null),
  messages.map(({ timestamp }) => Number(timestamp)),
  messages.map(({ value }) => value?.toString() ?? null),
];

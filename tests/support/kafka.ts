/** The stack's real Kafka, as tests use it. */
import { randomUUID } from 'node:crypto';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { inject, vi } from 'vitest';
import { readConfig } from '../../packages/sagaline/config/config.ts';
import { createKafka } from '../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import type { ConsumerTuning } from '../../packages/sagaline/kafka/kafkajs/consumer.ts';
import type { ConsumedRecord, Kafka, ProducedRecord } from '../../packages/sagaline/kafka/port.ts';
import './stack.ts';

export const silent = pino({ level: 'silent' });

export const brokers = (): string => inject('stack').kafkaBrokers;

export function connectKafka(tuning: ConsumerTuning = {}): Kafka {
  return createKafka(readConfig({ KAFKA_BROKERS: brokers() }).kafka, silent, tuning);
}

/** A name that no other test uses. */
export const unique = (prefix: string): string => `${prefix}.${randomUUID().slice(0, 8)}`;

export async function createTopic(
  kafka: Kafka,
  options: { partitions?: number; config?: Record<string, string> } = {},
) {
  const topic = unique('test');
  const { partitions = 3, config = {} } = options;
  await kafka.ensureTopics([{ topic, partitions, config }]);
  return topic;
}

export async function deleteTopic(topic: string): Promise<void> {
  const admin = new KafkaJs({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}

export const aRecord = (topic: string, key: string, value: string): ProducedRecord => ({
  topic,
  key,
  value,
  headers: {},
});

export const textOf = (part: ConsumedRecord['key']): string => part?.toString() ?? '';

/** Waits for a condition; polls, because what it asks about lives in another process. */
export const eventually = (check: () => void | Promise<void>, timeout = 50_000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 25 });

export interface Collector {
  readonly records: ConsumedRecord[];
  /** Values of one key, in the order they came. */
  valuesOf(key: string): string[];
  close(): Promise<void>;
}

/** Reads topics from their beginning in a group of its own. */
export async function collect(kafka: Kafka, ...topics: string[]): Promise<Collector> {
  const records: ConsumedRecord[] = [];
  const consumer = await kafka.createConsumer({
    groupId: unique('collector'),
    topics,
    concurrency: 1,
    handle(batch) {
      records.push(...batch.records);
      batch.resolve(batch.records.at(-1)?.offset ?? '0');
      return Promise.resolve();
    },
  });
  return {
    records,
    valuesOf: (key) => records.filter((record) => textOf(record.key) === key).map(({ value }) => textOf(value)),
    close: () => consumer.close(),
  };
}

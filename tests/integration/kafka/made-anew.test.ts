/** Topics that were deleted and made again, and logs that were cut off: no record is skipped in silence. */
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { createKafka } from '../../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import type { ConsumerOptions, PartitionEndsBelow, RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import {
  aRecord,
  brokers,
  connectKafka,
  createTopic,
  deleteTopic,
  eventually,
  textOf,
  unique,
} from '../../support/kafka.ts';

const kafka = connectKafka({ sessionTimeoutMs: 6_000, rebuildAfterMs: 100 });
let producer: RecordProducer;
beforeAll(async () => (producer = await kafka.createProducer()));
afterAll(() => producer.close());

interface Seen {
  readonly value: string;
  readonly topicId: string | undefined;
}

/** A member that notes what it sees. */
async function member(topic: string, options: Partial<ConsumerOptions> = {}, from = kafka) {
  const seen: Seen[] = [];
  const consumer = await from.createConsumer({
    groupId: unique('group'),
    topics: [topic],
    concurrency: 1,
    handle(batch) {
      seen.push(...batch.records.map(({ value }) => ({ value: textOf(value), topicId: batch.topicId })));
      batch.resolve(batch.records.at(-1)?.offset ?? '0');
      return Promise.resolve();
    },
    ...options,
  });
  onTestFinished(() => consumer.close());
  return { consumer, seen, values: () => seen.map(({ value }) => value) };
}

async function makeAnew(topic: string): Promise<void> {
  await deleteTopic(topic);
  await eventually(() => kafka.ensureTopics([{ topic, partitions: 1 }]));
  await eventually(() => producer.send([aRecord(topic, 'k', 'new 0')]));
}

/** Deletes the records below an offset, as retention does. */
async function deleteBelow(topic: string, offset: string): Promise<void> {
  const admin = new KafkaJs({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
  await admin.disconnect();
}

const numbers = (topic: string, what: string, count: number) =>
  Array.from({ length: count }, (_, n) => aRecord(topic, 'k', `${what} ${n}`));

describe('the id of a topic', () => {
  test('comes with its records, and is another one when the topic was made anew', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const first = await kafka.topicIdOf(topic);
    expect(first).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    await producer.send(numbers(topic, 'old', 1));
    const { seen } = await member(topic);
    await eventually(() => expect(seen).toEqual([{ value: 'old 0', topicId: first }]));

    await makeAnew(topic);
    const second = await kafka.topicIdOf(topic);
    expect(second).not.toBe(first);
    await eventually(() => expect(seen.at(-1)).toEqual({ value: 'new 0', topicId: second }));
  });

  test('of a topic that is not there is undefined', async () => {
    expect(await kafka.topicIdOf(unique('no-such-topic'))).toBeUndefined();
  });
});

describe('a topic that is made anew', () => {
  test('while a group reads it: the new one is read from its beginning, though it is longer than the old one was', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await producer.send(numbers(topic, 'old', 3));
    const { values } = await member(topic);
    await eventually(() => expect(values()).toHaveLength(3));
    await makeAnew(topic);
    await producer.send(numbers(topic, 'newer', 5));
    await eventually(() => expect(values().slice(3)).toEqual(['new 0', ...[0, 1, 2, 3, 4].map((n) => `newer ${n}`)]));
  });

  test('while a group is away, whose offset came after it: the same', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const groupId = unique('group');
    await producer.send(numbers(topic, 'old', 3));
    const before = await member(topic, { groupId });
    await eventually(() => expect(before.values()).toHaveLength(3));
    await before.consumer.close();
    const admin = new KafkaJs({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const { offset = '', metadata = '' } = committed?.partitions[0] ?? {};
    expect([offset, metadata]).toEqual(['3', `topic-id ${await kafka.topicIdOf(topic)}`]);

    await makeAnew(topic);
    await producer.send(numbers(topic, 'newer', 5));
    // The broker forgets the offsets of a topic that is deleted; a commit that was on its way does not.
    await commitLate(groupId, topic, offset, metadata ?? '');
    const after = await member(topic, { groupId });
    await eventually(() => expect(after.values()).toHaveLength(6));
    expect(after.values()[0]).toBe('new 0');
  });

  test('is told to whoever keeps offsets itself, before a record of it comes', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await producer.send(numbers(topic, 'old', 3));
    const asked: (string | undefined)[] = [];
    const startAt = (_: string, __: number, topicId?: string) => {
      asked.push(topicId);
      return topicId === first ? '2' : undefined;
    };
    const first = await kafka.topicIdOf(topic);
    const { seen, values } = await member(topic, { startAt });
    await eventually(() => expect(values()).toEqual(['old 2']));
    await makeAnew(topic);
    await producer.send(numbers(topic, 'newer', 3));
    await eventually(() => expect(values()).toEqual(['old 2', 'new 0', 'newer 0', 'newer 1', 'newer 2']));
    const second = await kafka.topicIdOf(topic);
    expect(new Set(asked)).toEqual(new Set([first, second]));
    expect(new Set(seen.slice(1).map(({ topicId }) => topicId))).toEqual(new Set([second]));
  });
});

describe('a log that ends below the next offset', () => {
  test('stops its partition: not ready, one line that says why, no loop; and goes on once it is long enough', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await producer.send(numbers(topic, 'r', 2));
    const lines: { msg: string; level: number }[] = [];
    const logger = pino(
      { level: 'warn' },
      { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[number]) },
    );
    const noisy = createKafka(readConfig({ KAFKA_BROKERS: brokers() }).kafka, logger, { sessionTimeoutMs: 6_000 });
    const gaps: PartitionEndsBelow[] = [];
    const onPartitionEndsBelow = (gap: PartitionEndsBelow) => void gaps.push(gap);
    const { consumer, values } = await member(topic, { startAt: () => '4', onPartitionEndsBelow }, noisy);

    await eventually(() => expect(gaps.length).toBeGreaterThan(1));
    const topicId = await kafka.topicIdOf(topic);
    expect(gaps[0]).toEqual({ topic, partition: 0, topicId, next: '4', low: '0', high: '2' });
    expect(consumer.isReady()).toBe(false);
    expect(lines.filter(({ msg }) => msg.includes('is not read'))).toHaveLength(1);
    expect(lines.length).toBeLessThan(4);
    expect(values()).toEqual([]);

    await producer.send(numbers(topic, 's', 3));
    await eventually(() => expect(values()).toEqual(['s 2']));
    await eventually(() => expect(consumer.isReady()).toBe(true));
  });

  test('is read on from where its reader says', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await producer.send(numbers(topic, 'r', 3));
    const { consumer, values } = await member(topic, { startAt: () => '9', onPartitionEndsBelow: ({ low }) => low });
    await eventually(() => expect(values()).toEqual(['r 0', 'r 1', 'r 2']));
    expect(consumer.isReady()).toBe(true);
  });
});

test('records that were deleted before they were read are missed in words, and the rest is read', async () => {
  const topic = await createTopic(kafka, { partitions: 1 });
  await producer.send(numbers(topic, 'r', 5));
  await deleteBelow(topic, '3');
  const { values } = await member(topic, { startAt: () => '1' });
  await eventually(() => expect(values()).toEqual(['r 3', 'r 4']));
});

/** As a member does that was frozen: with its own words, after the topic was made anew. */
async function commitLate(groupId: string, topic: string, offset: string, metadata: string): Promise<void> {
  const late = new KafkaJs({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).consumer({ groupId });
  await late.connect();
  await late.subscribe({ topics: [topic] });
  const joined = new Promise<void>((resolve) => late.on(late.events.GROUP_JOIN, () => resolve()));
  await late.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
  await joined;
  await late.commitOffsets([{ topic, partition: 0, offset, metadata }]);
  await late.disconnect();
}

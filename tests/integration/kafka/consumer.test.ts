import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ConsumerGaveUp, GroupTopicsDiffer, TopicsMissing } from '../../../packages/sagaline/kafka/errors.ts';
import type { ConsumerTuning } from '../../../packages/sagaline/kafka/kafkajs/consumer.ts';
import type { ConsumedBatch, ConsumerOptions, RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
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

const quick: ConsumerTuning = { sessionTimeoutMs: 6_000, rebuildAfterMs: 100 };
const kafka = connectKafka(quick);
let producer: RecordProducer;
beforeAll(async () => (producer = await kafka.createProducer()));
afterAll(() => producer.close());

/** Starts a member that is closed after the test. */
async function member(options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'topics' | 'handle'>, tuning = quick) {
  const consumer = await connectKafka(tuning).createConsumer({ groupId: unique('group'), concurrency: 3, ...options });
  onTestFinished(() => consumer.close());
  return consumer;
}

const numbers = (topic: string, count: number, key = 'k') =>
  Array.from({ length: count }, (_, n) => aRecord(topic, key, String(n)));

const valuesOf = (batch: ConsumedBatch) => batch.records.map(({ value }) => textOf(value));

function resolveAll(batch: ConsumedBatch): Promise<void> {
  batch.resolve(batch.records.at(-1)?.offset ?? '0');
  return Promise.resolve();
}

describe('a handler that fails', () => {
  test('gets the unresolved records again, in order, until it succeeds; readiness shows it', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await producer.send(numbers(topic, 5));
    const calls: string[][] = [];
    let down = true;
    const consumer = await member({
      topics: [topic],
      handle(batch) {
        calls.push(valuesOf(batch));
        const third = batch.records.find(({ value }) => textOf(value) === '2');
        if (!down) return resolveAll(batch);
        if (third) batch.resolve(third.offset);
        throw new Error('the database is down');
      },
    });

    await eventually(() => expect(calls.length).toBeGreaterThan(2));
    expect(consumer.isReady()).toBe(false);
    down = false;
    await eventually(() => expect(consumer.isReady()).toBe(true));
    expect(calls[0]).toEqual(['0', '1', '2', '3', '4']);
    expect(calls.slice(1)).toEqual(calls.slice(1).map(() => ['3', '4']));
  });

  test('leaves the offset where it is for the next member', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const groupId = unique('group');
    await producer.send(numbers(topic, 5));
    let tries = 0;
    const first = await connectKafka(quick).createConsumer({
      groupId,
      topics: [topic],
      concurrency: 1,
      handle(batch) {
        tries += 1;
        const second = batch.records.find(({ value }) => textOf(value) === '1');
        if (second) batch.resolve(second.offset);
        return Promise.reject(new Error('cannot'));
      },
    });
    await eventually(() => expect(tries).toBeGreaterThan(1));
    await first.close();

    const seen: string[] = [];
    await member({ groupId, topics: [topic], handle: (batch) => (seen.push(...valuesOf(batch)), resolveAll(batch)) });
    await eventually(() => expect(seen).toEqual(['2', '3', '4']));
  });
});

describe('a handler that takes long', () => {
  test('has its offset committed as soon as it has ended, though nothing comes after it', async () => {
    const [slow, other] = [await createTopic(kafka, { partitions: 1 }), await createTopic(kafka, { partitions: 1 })];
    const groupId = unique('group');
    const admin = new KafkaJs({ brokers: brokers().split(','), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const committed = async (topic: string) =>
      (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset;
    let begun = false;
    await member({
      groupId,
      topics: [slow, other],
      async handle(batch) {
        if (batch.topic === slow) {
          begun = true;
          // Another fetch has begun and ended: this batch was set aside, and kafkajs has committed what it knew of.
          await eventually(async () => expect(await committed(other)).toBe('1'));
        }
        await resolveAll(batch);
      },
    });
    await producer.send([aRecord(slow, 'k', 'slow')]);
    await eventually(() => expect(begun).toBe(true));
    await producer.send([aRecord(other, 'k', 'other')]);
    await eventually(async () => expect(await committed(slow)).toBe('1'), 20_000);
  });
});

describe('a group', () => {
  test('a member that loses its partition in the middle of a batch is told, and its late resolve moves nothing', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const groupId = unique('group');
    await producer.send(numbers(topic, 3));
    let seized: ConsumedBatch | undefined;
    let finish: (() => void) | undefined;
    const handled: string[] = [];
    const handle = async (batch: ConsumedBatch): Promise<void> => {
      if (!seized) {
        seized = batch;
        await new Promise<void>((resolve) => (finish = resolve));
      } else handled.push(...valuesOf(batch));
      await resolveAll(batch);
    };
    await member({ groupId, topics: [topic], handle });
    await eventually(() => expect(seized?.isActive()).toBe(true));

    const joining = member({ groupId, topics: [topic], handle });
    await eventually(() => expect(seized?.isActive()).toBe(false));
    await expect(seized?.heartbeat()).rejects.toThrow('was taken away');
    finish?.();
    await joining;
    await eventually(() => expect(handled).toEqual(['0', '1', '2']));
  });

  test('whose members read other topics is refused at the start', async () => {
    const [ours, theirs] = [await createTopic(kafka), await createTopic(kafka)];
    const groupId = unique('group');
    await member({ groupId, topics: [theirs], handle: resolveAll });
    await expect(member({ groupId, topics: [ours], handle: resolveAll })).rejects.toThrow(GroupTopicsDiffer);
  });

  test('a topic that is missing is named', async () => {
    const missing = unique('no-such-topic');
    await expect(member({ topics: [missing], handle: resolveAll })).rejects.toThrow(new TopicsMissing([missing]));
  });
});

describe('fetching', () => {
  test('brings a record of eight megabytes, and what comes after it', async () => {
    const topic = await createTopic(kafka, { partitions: 1, config: { 'max.message.bytes': '10000000' } });
    await producer.send([aRecord(topic, 'k', 'x'.repeat(8_000_000)), aRecord(topic, 'k', 'next')]);
    const sizes: number[] = [];
    await member({
      topics: [topic],
      handle: (batch) => (sizes.push(...valuesOf(batch).map((value) => value.length)), resolveAll(batch)),
    });
    await eventually(() => expect(sizes).toEqual([8_000_000, 4]));
  });

  test('does not wait for the poll to end when a record comes', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    let arrived: ((at: number) => void) | undefined;
    const consumer = await member({
      topics: [topic],
      handle: (batch) => (arrived?.(performance.now()), resolveAll(batch)),
    });
    await eventually(() => expect(consumer.isReady()).toBe(true));
    const waits: number[] = [];
    for (let n = 0; n < 20; n++) {
      const arrival = new Promise<number>((resolve) => (arrived = resolve));
      const sent = performance.now();
      await producer.send(numbers(topic, 1));
      waits.push((await arrival) - sent);
    }
    // A poll takes 500 ms; one that is waited for to its end makes the median about that.
    expect(waits.sort((a, b) => a - b)[10]).toBeLessThan(250);
  });
});

describe('a crash', () => {
  test('is survived: a new consumer is built, and reads on', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const seen: string[] = [];
    const consumer = await member({
      topics: [topic],
      handle: (batch) => (seen.push(...valuesOf(batch)), resolveAll(batch)),
    });
    await producer.send(numbers(topic, 1));
    await eventually(() => expect(seen).toEqual(['0']));

    await deleteTopic(topic);
    await eventually(() => expect(consumer.isReady()).toBe(false), 30_000);
    await kafka.ensureTopics([{ topic, partitions: 1 }]);
    await eventually(() => expect(consumer.isReady()).toBe(true), 30_000);
    await eventually(() => producer.send([aRecord(topic, 'k', 'after')]));
    await eventually(() => expect(seen).toContain('after'));
  });

  test('that no rebuild mends ends in a failure with the reason', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const consumer = await member({ topics: [topic], handle: resolveAll }, { ...quick, maxRebuilds: 2 });
    const failure = expect(consumer.failed).rejects.toThrow(ConsumerGaveUp);
    const reason = expect(consumer.failed).rejects.toThrow(topic);
    await deleteTopic(topic);
    await failure;
    await reason;
    expect(consumer.isReady()).toBe(false);
  });
});

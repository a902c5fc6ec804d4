/** One partition's trouble is its own: the others are read on, though they come from the same broker in the same fetch. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ConsumerTuning } from '../../../packages/sagaline/kafka/kafkajs/consumer.ts';
import type { ConsumedBatch, ConsumerOptions, RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import { connectKafka, createTopic, eventually, textOf, unique } from '../../support/kafka.ts';

const quick: ConsumerTuning = { sessionTimeoutMs: 6_000, rebuildAfterMs: 100, stuckAfterMs: 2_000 };
const kafka = connectKafka(quick);
let producer: RecordProducer;
beforeAll(async () => (producer = await kafka.createProducer()));
afterAll(() => producer.close());

async function member(options: Partial<ConsumerOptions> & Pick<ConsumerOptions, 'topics' | 'handle'>) {
  const consumer = await kafka.createConsumer({ groupId: unique('group'), concurrency: 3, ...options });
  onTestFinished(() => consumer.close());
  return consumer;
}

const send = (topic: string, partition: number, ...values: string[]) =>
  producer.send(values.map((value) => ({ topic, partition, key: null, value, headers: {} })));

const valuesOf = (batch: ConsumedBatch) => batch.records.map(({ value }) => textOf(value));
const resolveAll = (batch: ConsumedBatch): void => batch.resolve(batch.records.at(-1)?.offset ?? '0');

describe('a partition whose records cannot be handled', () => {
  test('is tried again alone; the others go on, and it goes on where it was', async () => {
    const [topic, other] = [await createTopic(kafka, { partitions: 3 }), await createTopic(kafka, { partitions: 1 })];
    const seen: string[] = [];
    let tries = 0;
    let down = true;
    const consumer = await member({
      topics: [topic, other],
      handle(batch) {
        if (batch.topic === topic && batch.partition === 1 && down) {
          tries += 1;
          throw new Error('the record cannot be handled');
        }
        seen.push(...valuesOf(batch));
        resolveAll(batch);
        return Promise.resolve();
      },
    });
    await send(topic, 1, 'bad', 'behind the bad one');
    await eventually(() => expect(tries).toBeGreaterThan(1));

    for (let n = 0; n < 10; n++) {
      await Promise.all([send(topic, 0, `a${n}`), send(topic, 2, `c${n}`), send(other, 0, `d${n}`)]);
      await eventually(() => expect(seen).toEqual(expect.arrayContaining([`a${n}`, `c${n}`, `d${n}`])), 5_000);
    }
    expect(consumer.isReady()).toBe(false);
    expect(seen).not.toContain('behind the bad one');

    down = false;
    await eventually(() => expect(seen.slice(-2)).toEqual(['bad', 'behind the bad one']));
    await eventually(() => expect(consumer.isReady()).toBe(true));
    await send(topic, 1, 'later');
    await eventually(() => expect(seen.at(-1)).toBe('later'));
  });

  test('keeps its place and its order when the member leaves meanwhile', async () => {
    const topic = await createTopic(kafka, { partitions: 2 });
    const groupId = unique('group');
    let tries = 0;
    const first = await kafka.createConsumer({
      groupId,
      topics: [topic],
      concurrency: 2,
      handle(batch) {
        if (batch.partition === 0) resolveAll(batch);
        else tries += 1;
        return batch.partition === 0 ? Promise.resolve() : Promise.reject(new Error('cannot'));
      },
    });
    await Promise.all([send(topic, 0, 'a'), send(topic, 1, '1', '2', '3')]);
    await eventually(() => expect(tries).toBeGreaterThan(2));
    await first.close();

    const seen: string[] = [];
    await member({
      groupId,
      topics: [topic],
      handle: (batch) => Promise.resolve(seen.push(...valuesOf(batch))).then(() => resolveAll(batch)),
    });
    await eventually(() => expect(seen).toEqual(['1', '2', '3']));
  });

  test('does not take the places of the others: never more handlers at work than wanted', async () => {
    const topic = await createTopic(kafka, { partitions: 6 });
    let [atWork, most] = [0, 0];
    const seen: string[] = [];
    await member({
      topics: [topic],
      concurrency: 2,
      async handle(batch) {
        most = Math.max(most, ++atWork);
        await new Promise((resolve) => setTimeout(resolve, 700));
        atWork -= 1;
        seen.push(...valuesOf(batch));
        resolveAll(batch);
      },
    });
    await Promise.all([0, 1, 2, 3, 4, 5].map((partition) => send(topic, partition, String(partition))));
    await eventually(() => expect([...seen].sort()).toEqual(['0', '1', '2', '3', '4', '5']));
    expect(most).toBe(2);
  });
});

describe('a handler that hangs', () => {
  test('makes the consumer unready, though it beats and the other partitions go on', async () => {
    const topic = await createTopic(kafka, { partitions: 2 });
    const seen: string[] = [];
    let release: (() => void) | undefined;
    const consumer = await member({
      topics: [topic],
      async handle(batch) {
        if (batch.partition === 1 && !release) {
          const beating = setInterval(() => void batch.heartbeat().catch(() => undefined), 200);
          await new Promise<void>((resolve) => (release = resolve));
          clearInterval(beating);
        }
        seen.push(...valuesOf(batch));
        resolveAll(batch);
      },
    });
    await eventually(() => expect(consumer.isReady()).toBe(true));
    await send(topic, 1, 'hangs');
    await eventually(() => expect(release).toBeDefined());
    await eventually(() => expect(consumer.isReady()).toBe(false), 6_000);
    await send(topic, 0, 'goes on');
    await eventually(() => expect(seen).toEqual(['goes on']), 5_000);
    expect(consumer.isReady()).toBe(false);

    release?.();
    await eventually(() => expect(seen).toEqual(['goes on', 'hangs']));
    await eventually(() => expect(consumer.isReady()).toBe(true));
  });
});

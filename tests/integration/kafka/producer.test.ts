import { Kafka as KafkaJs } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { RecordsRefused } from '../../../packages/sagaline/kafka/errors.ts';
import { clientConfig } from '../../../packages/sagaline/kafka/kafkajs/client-config.ts';
import { createProducer } from '../../../packages/sagaline/kafka/kafkajs/producer.ts';
import type { RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import {
  aRecord,
  brokers,
  collect,
  connectKafka,
  createTopic,
  eventually,
  silent,
  unique,
} from '../../support/kafka.ts';

describe('the producer', () => {
  const kafka = connectKafka();
  let producer: RecordProducer;
  beforeAll(async () => (producer = await kafka.createProducer()));
  afterAll(() => producer.close());

  test('keeps the order of each key under hundreds of concurrent calls, and loses none', async () => {
    const topic = await createTopic(kafka);
    const sends = Array.from({ length: 900 }, (_, n) => producer.send([aRecord(topic, `k${n % 9}`, String(n))]));
    await Promise.all(sends);

    const seen = await collect(kafka, topic);
    await eventually(() => expect(seen.records).toHaveLength(900));
    await seen.close();
    for (let key = 0; key < 9; key++) {
      expect(seen.valuesOf(`k${key}`)).toEqual(Array.from({ length: 100 }, (_, n) => String(n * 9 + key)));
    }
  });

  test('has one request under way at a time, and lets the calls that wait share the next', async () => {
    const topic = await createTopic(kafka);
    const client = new KafkaJs(clientConfig(readConfig({ KAFKA_BROKERS: brokers() }).kafka, silent));
    const traffic = observeSends(client);
    const serial = await createProducer(client, silent);
    await Promise.all(Array.from({ length: 200 }, (_, n) => serial.send([aRecord(topic, 'k', String(n))])));
    await serial.close();
    expect(traffic).toEqual({ requests: 2, atOnce: 1 });
  });

  test('cuts one large call into requests that the broker takes', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await producer.send(Array.from({ length: 60 }, (_, n) => aRecord(topic, 'k', `${n}:${'x'.repeat(100_000)}`)));

    const seen = await collect(kafka, topic);
    await eventually(() => expect(seen.records).toHaveLength(60));
    await seen.close();
    expect(seen.valuesOf('k').map((value) => Number(value.split(':')[0]))).toEqual([...Array(60).keys()]);
  });

  test('a refused record fails its own caller, with the reason, and nobody else', async () => {
    const topic = await createTopic(kafka);
    const tooLarge = aRecord(topic, 'k', 'x'.repeat(1_500_000));
    const nowhere = aRecord(unique('no-such-topic'), 'k', 'x');
    const answers = await Promise.allSettled(
      [aRecord(topic, 'a', '1'), tooLarge, aRecord(topic, 'b', '2'), nowhere, aRecord(topic, 'c', '3')].map((record) =>
        producer.send([record]),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(answers[1]).toMatchObject({ reason: { name: 'RecordsRefused', code: 'MESSAGE_TOO_LARGE' } });
    expect(answers[3]).toMatchObject({ reason: { name: 'RecordsRefused', code: 'UNKNOWN_TOPIC_OR_PARTITION' } });
  });

  test.each([
    ['its topic takes', '2000000', 3_000_000],
    ['a broker reads in one request', '200000000', 110_000_000],
  ])('a record above what %s is refused before anything is sent', async (_, limit, bytes) => {
    const topic = await createTopic(kafka, { partitions: 1, config: { 'max.message.bytes': limit } });
    const fits = aRecord(topic, 'k', 'x'.repeat(1_500_000));
    const tooLarge = { ...aRecord(topic, 'k', ''), value: Buffer.alloc(bytes) };
    await expect(producer.send([fits, tooLarge])).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(producer.isReady()).toBe(true);
    await producer.send([fits]);
    const seen = await collect(kafka, topic);
    await eventually(() => expect(seen.records).toHaveLength(1));
    await seen.close();
  });

  test('a record goes to the partition that it names', async () => {
    const topic = await createTopic(kafka, { partitions: 3 });
    const places = [2, 0, 1, 2, 5];
    await producer.send(places.map((partition) => ({ ...aRecord(topic, 'the same', String(partition)), partition })));
    const seen = await collect(kafka, topic);
    await eventually(() => expect(seen.records).toHaveLength(5));
    await seen.close();
    const went = seen.records.map(({ partition, value }) => `${value?.toString() ?? ''} ${partition}`);
    expect(went.sort()).toEqual(['0 0', '1 1', '2 2', '2 2', '5 2']);
  });

  test('is unready after a failure, and ready again without anybody sending', async () => {
    await expect(producer.send([aRecord(unique('no-such-topic'), 'k', 'x')])).rejects.toThrow(RecordsRefused);
    expect(producer.isReady()).toBe(false);
    await eventually(() => expect(producer.isReady()).toBe(true));
  });
});

describe('topics', () => {
  const kafka = connectKafka();

  test('are made once, whoever else makes them at the same time', async () => {
    const topics = Array.from({ length: 4 }, () => ({ topic: unique('made'), partitions: 2 }));
    const [first, ...rest] = topics;
    await kafka.ensureTopics(first ? [first] : []);
    await Promise.all([kafka.ensureTopics(topics), kafka.ensureTopics(rest), kafka.ensureTopics(topics)]);
    await kafka.ensureTopics(topics);

    const producer = await kafka.createProducer();
    await producer.send(topics.map(({ topic }) => aRecord(topic, 'k', 'v')));
    await producer.close();
  });

  test('are there, with a leader each, however many are made at once', async () => {
    const topics = Array.from({ length: 60 }, () => ({ topic: unique('many'), partitions: 1 }));
    const producer = await kafka.createProducer();
    // The controller answers before the broker has heard of them: each must be usable as soon as we say so.
    await Promise.all(
      topics.map(async (spec) => {
        await kafka.ensureTopics([spec]);
        await producer.send([aRecord(spec.topic, 'k', 'v')]);
      }),
    );
    await producer.close();
  });

  test('a broker that answers is told from one that does not', async () => {
    await expect(kafka.ping()).resolves.toBeUndefined();
  });
});

/** Counts the requests of the real producers that this client makes. */
function observeSends(client: KafkaJs) {
  const traffic = { requests: 0, atOnce: 0 };
  const open = client.producer.bind(client);
  vi.spyOn(client, 'producer').mockImplementation((config) => {
    const producer = open(config);
    let underWay = 0;
    return {
      ...producer,
      async sendBatch(batch) {
        traffic.requests += 1;
        traffic.atOnce = Math.max(traffic.atOnce, ++underWay);
        try {
          return await producer.sendBatch(batch);
        } finally {
          underWay -= 1;
        }
      },
    };
  });
  return traffic;
}

/** Records that one producer sends and that would hold up everybody: each is read, or set aside with its reason. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MAX_HEADERS } from '../../../packages/sagaline/kafka/kafkajs/wire/record.ts';
import type { RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import { aRecord, brokers, collect, connectKafka, createTopic, eventually, textOf } from '../../support/kafka.ts';
import { findKcat, kcatProduce, kcatProduceFile } from '../../support/kcat.ts';

const kafka = connectKafka();
let producer: RecordProducer;
beforeAll(async () => (producer = await kafka.createProducer()));
afterAll(() => producer.close());

const manyHeaders = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`h${n}`, Buffer.from('v')]));

/** The longest time, ms, that the event loop stood still. */
async function longestBlock(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}

describe('headers', () => {
  test('ten thousand in one record are read without the process standing still', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await producer.send([{ topic, key: 'k', value: 'v', headers: manyHeaders(10_000) }, aRecord(topic, 'k', 'next')]);
    const blockedMs = await longestBlock(async () => {
      const seen = await collect(kafka, topic);
      onTestFinished(() => seen.close());
      await eventually(() => expect(seen.valuesOf('k')).toEqual(['v', 'next']));
      expect(Object.keys(seen.records[0]?.headers ?? {})).toHaveLength(10_000);
    });
    expect(blockedMs).toBeLessThan(1_000);
  });

  test('more than are read make their record, and no other, one that is set aside', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const tooMany = { topic, key: 'k', value: 'v', headers: manyHeaders(MAX_HEADERS + 1) };
    await producer.send([aRecord(topic, 'k', 'before'), tooMany, aRecord(topic, 'k', 'after')]);
    const seen = await collect(kafka, topic);
    onTestFinished(() => seen.close());
    await eventually(() => expect(seen.records).toHaveLength(3));
    expect(seen.records.map(({ value }) => textOf(value))).toEqual(['before', '', 'after']);
    expect(seen.records[1]).toMatchObject({
      offset: '1',
      key: null,
      undecodable: { firstOffset: '1', lastOffset: '1', reason: 'too-many-headers' },
    });
  });

  test('that come again are a list; one named __proto__ is a name like any other', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    const headers = Object.assign(Object.create(null) as object, { ['__proto__']: 'x', twice: ['1', '2'] });
    await producer.send([{ topic, key: 'k', value: 'v', headers: { ...headers } }]);
    const seen = await collect(kafka, topic);
    onTestFinished(() => seen.close());
    await eventually(() => expect(seen.records).toHaveLength(1));
    const came = seen.records[0]?.headers ?? {};
    expect(came['twice']).toEqual([Buffer.from('1'), Buffer.from('2')]);
    expect(Object.getPrototypeOf(came)).toBeNull();
  });
});

describe('keys', () => {
  test('of 200 KB are produced and read without the process standing still', async () => {
    const topic = await createTopic(kafka);
    const key = 'k'.repeat(200_000);
    const blockedMs = await longestBlock(async () => {
      await producer.send([aRecord(topic, key, 'v')]);
      const seen = await collect(kafka, topic);
      onTestFinished(() => seen.close());
      await eventually(() => expect(seen.valuesOf(key)).toEqual(['v']));
    });
    expect(blockedMs).toBeLessThan(1_000);
  });
});

const kcat = await findKcat();
const missing = 'missing' in kcat ? ` (skipped: ${kcat.missing})` : '';

describe.skipIf(missing !== '')(`of a client that is not ours${missing}`, () => {
  test('a header without a value, and an empty key', async () => {
    const topic = await createTopic(kafka, { partitions: 1 });
    await kcatProduce({ brokers: brokers(), topic, records: [{ key: '', value: 'v' }], bareHeaders: ['content-type'] });
    const seen = await collect(kafka, topic);
    onTestFinished(() => seen.close());
    await eventually(() => expect(seen.records).toHaveLength(1));
    expect(seen.records[0]?.headers).toEqual({ 'content-type': null });
    expect(seen.records[0]?.key?.length ?? 0).toBe(0);
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'a record that %s makes small is set aside, and what is around it goes on',
    async (codec) => {
      const topic = await createTopic(kafka, { partitions: 1, config: { 'max.message.bytes': '8000000' } });
      const folder = await mkdtemp(join(tmpdir(), 'sagaline-bomb-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const path = join(folder, 'value');
      await writeFile(path, Buffer.alloc(80_000_000, 'x'));
      await producer.send([aRecord(topic, 'k', 'before')]);
      await kcatProduceFile({ brokers: brokers(), topic, codec, path });
      await producer.send([aRecord(topic, 'k', 'after')]);

      const seen = await collect(kafka, topic);
      onTestFinished(() => seen.close());
      await eventually(() => expect(seen.records).toHaveLength(3));
      expect(seen.records.map(({ value }) => textOf(value))).toEqual(['before', '', 'after']);
      const { undecodable } = seen.records[1] ?? {};
      expect(undecodable).toMatchObject({ firstOffset: '1', lastOffset: '1', reason: 'expands-too-far' });
      expect(undecodable?.bytes).toBeLessThan(8_000_000);
      expect(undecodable?.sha256).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});

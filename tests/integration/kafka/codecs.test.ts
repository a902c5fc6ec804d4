import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import { aRecord, brokers, collect, connectKafka, createTopic, eventually } from '../../support/kafka.ts';
import { findKcat, kcatProduce, kcatRead } from '../../support/kcat.ts';
import { encodeCloudEvent } from '../../../packages/sagaline/events/cloud-events.ts';

const CODECS = {
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const;

const kcat = await findKcat();
const missing = 'missing' in kcat ? ` (skipped: ${kcat.missing})` : '';

describe.skipIf(missing !== '')(`records of a client that is not ours${missing}`, () => {
  const kafka = connectKafka();

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    '%s batches are read, small and large',
    async (codec) => {
      const topic = await createTopic(kafka, { partitions: 1, config: { 'max.message.bytes': '8000000' } });
      // Varied enough to make several blocks of every codec, repetitive enough to be compressed at all.
      const values = Array.from({ length: 4_000 }, (_, n) => JSON.stringify({ n, text: `${n * 7919}-`.repeat(60) }));
      await kcatProduce({ brokers: brokers(), topic, codec, records: [{ key: 'k', value: 'alone' }] });
      await kcatProduce({ brokers: brokers(), topic, codec, records: values.map((value) => ({ key: 'k', value })) });

      const decoded = spyOnCodec(codec);
      const seen = await collect(kafka, topic);
      await eventually(() => expect(seen.records).toHaveLength(4_001));
      await seen.close();
      expect(seen.valuesOf('k')).toEqual(['alone', ...values]);
      if (decoded) expect(decoded).toHaveBeenCalled();
    },
  );
});

/** So that a test of a codec fails when the client sent its records uncompressed. */
function spyOnCodec(name: keyof typeof CODECS | 'none') {
  return name === 'none' ? undefined : vi.spyOn(CompressionCodecs, CODECS[name]);
}

describe.skipIf(missing !== '')(`our records in the eyes of a client that is not ours${missing}`, () => {
  const kafka = connectKafka();
  let producer: RecordProducer;
  beforeAll(async () => (producer = await kafka.createProducer()));
  afterAll(() => producer.close());

  test('a CloudEvent has its attributes in headers', async () => {
    const topic = await createTopic(kafka);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const event = {
      eventId: 'e-1',
      type: 'order.completed',
      source: '/sagaline/orderSaga',
      time: new Date(0),
      traceparent,
    };
    await producer.send([encodeCloudEvent({ ...event, topic, key: 'o-1', json: '{"orderId":"o-1"}' })]);

    const [line] = kcatRead(brokers(), topic, '%k %s %h');
    expect(line).toBe(
      'o-1 {"orderId":"o-1"} ce_specversion=1.0,ce_id=e-1,ce_type=order.completed,ce_source=/sagaline/orderSaga,' +
        'ce_time=1970-01-01T00:00:00.000Z,ce_subject=o-1,ce_schemaversion=1,content-type=application/json,' +
        `ce_traceparent=${traceparent},traceparent=${traceparent}`,
    );
  });

  test('keys go to the partitions that other clients of the Java hash choose', async () => {
    const topic = await createTopic(kafka, { partitions: 8 });
    const keys = Array.from({ length: 50 }, (_, n) => `o-${n}`);
    await producer.send(keys.map((key) => aRecord(topic, key, 'ours')));
    await kcatProduce({
      brokers: brokers(),
      topic,
      records: keys.map((key) => ({ key, value: 'theirs' })),
      partitioner: 'murmur2',
    });

    const places = kcatRead(brokers(), topic, '%k %p');
    expect(places).toHaveLength(100);
    expect(new Set(places).size).toBe(50);
  });
});

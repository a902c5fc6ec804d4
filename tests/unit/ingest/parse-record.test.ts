import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toDeadLetterRecord, toDeadLetterRow } from '../../../packages/sagaline/dead-letter/letter.ts';
import { InvalidRecord } from '../../../packages/sagaline/events/invalid-record.ts';
import { MAX_VALUE_BYTES, parseRecord } from '../../../packages/sagaline/events/parse-record.ts';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { anOrder } from '../../support/orders.ts';
import { anyRecord, aRecord, validOrder } from './records.ts';
import { readingWith } from '../../support/reference.ts';

const starts = readingWith((type) => type === 'order.created');
const parse = (record: Partial<ConsumedRecord>) => parseRecord(aRecord(record), starts);
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const binary = { ce_specversion: '1.0', ce_type: 'order.created', ce_source: '/shop', ce_id: 'e-1' };

function refusalOf(record: Partial<ConsumedRecord>): InvalidRecord {
  try {
    parse(record);
  } catch (error) {
    if (error instanceof InvalidRecord) return error;
    throw error;
  }
  throw new Error('the record was accepted');
}

describe('whatever the bytes', () => {
  test('a record is accepted or refused as InvalidRecord, and a refused one makes a dead letter', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        try {
          parseRecord(record, starts);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRecord);
          const letter = toDeadLetterRecord({ record, error: error as InvalidRecord });
          expect(letter.value).toBe(record.value);
          expect(toDeadLetterRow({ record, error: error as InvalidRecord }).recordTime.getTime()).not.toBeNaN();
        }
      }),
      { numRuns: 2_000 },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('an order truncated anywhere is refused', () => {
    const whole = json(anOrder());
    for (let length = 0; length < whole.length; length++) {
      expect(refusalOf({ value: whole.subarray(0, length) }).reason).toBe('invalid-json');
    }
  });
});

describe('a valid order', () => {
  test('is the same event as plain JSON, CloudEvent in binary mode, and CloudEvent in structured mode', () => {
    fc.assert(
      fc.property(validOrder, (order) => {
        const key = Buffer.from(order.orderId);
        const plain = parse({ key, value: json(order) });
        const inBinary = parse({
          key,
          value: json(order),
          headers: { ...binary, 'content-type': 'application/json; charset=utf-8' },
        });
        const envelope = {
          specversion: '1.0',
          type: 'order.created',
          source: '/shop',
          id: 'e-1',
          datacontenttype: 'application/json',
        };
        const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
        const structured = parse({ key, value: json({ ...envelope, data: order }), headers });
        const inBase64 = parse({
          key,
          value: json({ ...envelope, data_base64: json(order).toString('base64') }),
          headers,
        });

        expect(inBinary.payload).toEqual(order);
        expect(structured).toEqual(inBinary);
        expect(inBase64).toEqual(inBinary);
        expect({ ...inBinary, eventId: plain.eventId }).toEqual(plain);
      }),
    );
  });

  test('needs no key, for the payload has it', () => {
    expect(parse({ value: json(anOrder()) })).toMatchObject({ key: 'o-1', eventId: 'key:order.created:o-1' });
    expect(parse({ key: Buffer.alloc(0), value: json(anOrder()) }).key).toBe('o-1');
  });

  test('may carry fields that we do not know: they change nothing', () => {
    const { payload, payloadHash } = parse({ value: json({ ...anOrder(), coupon: 'X' }) });
    expect(payload).not.toHaveProperty('coupon');
    expect(payloadHash).toBe(parse({ value: json(anOrder()) }).payloadHash);
  });

  test("keeps the producer's time in UTC and its trace", () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { ...binary, ce_time: '2026-01-01T01:00:00.5+01:00', ce_traceparent: traceparent };
    expect(parse({ value: json(anOrder()), headers })).toMatchObject({
      eventTime: '2026-01-01T00:00:00.500Z',
      traceparent,
    });
  });

  test.each(['', 'nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01'])(
    'with trace %j goes without',
    (traceparent) => {
      expect(parse({ value: json(anOrder()), headers: { traceparent } }).traceparent).toBeUndefined();
    },
  );
});

test('what a refusal says of a record is bounded, and storable', () => {
  const path = `attributes.\0${'x'.repeat(200_000)}`;
  const problems = Array.from({ length: 500 }, () => ({ path, message: 'm'.repeat(200_000) }));
  const refusal = new InvalidRecord('invalid-payload', path, 'half an emoji: \ud83d', problems);
  expect(refusal.path).toHaveLength(300);
  expect(refusal.path + refusal.message).not.toMatch(/[\0\p{Surrogate}]/u);
  expect(refusal.problems).toHaveLength(100);
  for (const { path, message } of refusal.problems) {
    expect([path.length, message.length, path.includes('\0')]).toEqual([300, 500, false]);
  }
});

test('a follow-up without an id of its own is known by its place in Kafka', () => {
  const record = { topic: 'order.cancel-requested', value: json({ orderId: 'o-1' }) };
  expect(parse(record).eventId).toBe('pos:order.cancel-requested/0/7');
});

const order = anOrder();
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const structured = { 'content-type': 'application/cloudevents+json' };

test.each<[string, string, Partial<ConsumedRecord>]>([
  ['tombstone', '', { value: null }],
  ['too-large', '', { value: Buffer.alloc(MAX_VALUE_BYTES + 1, 'x') }],
  ['unknown-type', '', { topic: 'toString', value: json(order) }],
  ['invalid-key', 'key', { key: Buffer.from([0xff, 0xfe]), value: json(order) }],
  ['key-mismatch', 'key', { key: Buffer.from('o-2'), value: json(order) }],
  ['invalid-utf8', '', { value: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]) }],
  ['invalid-json', '', { value: Buffer.from('') }],
  ['too-deep', '', { value: Buffer.from(deep) }],
  ['too-large', '', { value: Buffer.from(`[${'0,'.repeat(20_000)}0]`) }],
  ['too-large', '', { value: Buffer.from(`[${'{"a":0},'.repeat(10_000)}0]`) }],
  ['forbidden-key', '', { value: Buffer.from('{"__proto__":{"polluted":1}}') }],
  ['forbidden-key', '', { value: Buffer.from('{"a":[{"constructor":{"prototype":{"polluted":1}}}]}') }],
  ['invalid-payload', 'amount', { value: json({ ...order, amount: -1 }) }],
  ['invalid-payload', 'amount', { value: json({ ...order, amount: 19.99 }) }],
  ['invalid-payload', 'amount', { value: json({ ...order, amount: 2 ** 60 }) }],
  ['invalid-payload', 'items[0].sku', { value: json({ ...order, items: [{ sku: '', quantity: 1, unitPrice: 1 }] }) }],
  ['invalid-payload', '', { value: Buffer.from('null') }],
  [
    'unsupported-characters',
    'items[0].sku',
    { value: json({ ...order, items: [{ sku: 'a\0', quantity: 1, unitPrice: 1 }] }) },
  ],
  [
    'unsupported-characters',
    'items[0].sku',
    { value: json({ ...order, items: [{ sku: '\ud800', quantity: 1, unitPrice: 1 }] }) },
  ],
  ['unknown-schema-version', 'schemaversion', { value: json(order), headers: { schemaversion: '2' } }],
  ['unknown-schema-version', 'schemaversion', { value: json(order), headers: { ...binary, ce_schemaversion: 'v1' } }],
  ['type-mismatch', 'type', { value: json(order), headers: { ...binary, ce_type: 'order.completed' } }],
  [
    'invalid-cloudevent',
    'ce_id',
    { value: json(order), headers: { ce_specversion: '1.0', ce_type: 'order.created', ce_source: '/s' } },
  ],
  ['invalid-cloudevent', 'ce_specversion', { value: json(order), headers: { ...binary, ce_specversion: '0.3' } }],
  ['invalid-cloudevent', 'ce_time', { value: json(order), headers: { ...binary, ce_time: '0000-01-01T00:00:00Z' } }],
  [
    'invalid-cloudevent',
    'ce_time',
    { value: json(order), headers: { ...binary, ce_time: '9999-12-31T23:59:59.9999999-05:00' } },
  ],
  [
    'invalid-cloudevent',
    'id',
    {
      value: json({ specversion: '1.0', type: 'order.created', source: 's', id: 'a\nb', data: order }),
      headers: structured,
    },
  ],
  [
    'invalid-cloudevent',
    'data_base64',
    {
      value: json({ specversion: '1.0', type: 'order.created', source: 's', id: 'a', data_base64: '*' }),
      headers: structured,
    },
  ],
  [
    'unsupported-content-type',
    'content-type',
    { value: json([]), headers: { 'content-type': 'application/cloudevents-batch+json' } },
  ],
  [
    'unsupported-content-type',
    'content-type',
    { value: json(order), headers: { 'content-type': 'application/cloudevents+avro' } },
  ],
  [
    'unsupported-content-type',
    'content-type',
    { value: json(order), headers: { ...binary, 'content-type': 'application/xml' } },
  ],
  ['duplicate-header', 'ce_id', { value: json(order), headers: { ...binary, ce_id: ['e-1', 'e-2'] } }],
  ['duplicate-header', 'ce_id', { value: json(order), headers: { ...binary, CE_ID: 'e-2' } }],
  ['invalid-header', 'ce_id', { value: json(order), headers: { ...binary, ce_id: 'e-1\r\nx: y' } }],
  ['invalid-header', 'ce_id', { value: json(order), headers: { ...binary, ce_id: 'x'.repeat(100_000) } }],
])('%s at %j', (reason, path, record) => {
  expect(refusalOf(record)).toMatchObject({ reason, path });
});

test('a refusal quotes nothing of what it refuses', () => {
  const secret = 'canary@customer.example';
  const hiding = [
    { value: json({ ...order, contact: { email: `${secret} ` } }) },
    { value: Buffer.from(`{"contact": ${secret}`) },
    { key: Buffer.from(secret), value: json(order) },
    { value: json({ ...order, paymentMethod: { token: secret } }) },
    { value: json(order), headers: { ...binary, ce_type: secret } },
  ];
  for (const record of hiding) {
    const { message, path, problems } = refusalOf(record);
    expect(JSON.stringify({ message, path, problems })).not.toContain('canary');
  }
});

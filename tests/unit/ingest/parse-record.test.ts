import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toDeadLetterRecord, toDeadLetterRow } from '../../../gateways/kafka/dead-letter/letter.ts';
import { InvalidRecord } from '../../../gateways/kafka/invalid-record.ts';
import { MAX_VALUE_BYTES, parseRecord } from '../../../gateways/kafka/parse-record.ts';
import type { ConsumedRecord } from '../../../gateways/kafka/port.ts';
import type { EventType } from '../../../workflows/contracts/events.ts';
import { anOrder } from '../../support/orders.ts';
import { anyRecord, aRecord, validOrder } from './records.ts';

const starts = (type: EventType): boolean => type === 'order.created';
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

describe('a structured CloudEvent', () => {
  const event = { specversion: '1.0', type: 'order.created', source: '/shop', id: 'e-1', data: anOrder() };
  const declared = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
  const id = 'ce:/shop:e-1';

  test.each(['time', 'datacontenttype', 'schemaversion', 'data_base64', 'subject', 'dataschema', 'traceparent'])(
    'whose %s is null has none',
    (attribute) => {
      expect(parse({ value: json({ ...event, [attribute]: null }), headers: declared }).eventId).toBe(id);
    },
  );

  test('must have its identity all the same', () => {
    const value = json({ ...event, id: null });
    expect(refusalOf({ value, headers: declared })).toMatchObject({ reason: 'invalid-cloudevent', path: 'id' });
  });

  test.each([{}, { 'content-type': 'application/json' }])('is one with headers %j, as Dapr sends it', (headers) => {
    expect(parse({ value: json(event), headers })).toMatchObject({ eventId: id, payload: anOrder() });
  });

  test('that nobody declared is judged as one', () => {
    const refused = (change: object) => refusalOf({ value: json({ ...event, ...change }) });
    expect(refused({ specversion: '0.3' })).toMatchObject({ reason: 'invalid-cloudevent', path: 'specversion' });
    expect(refused({ type: 'order.completed' })).toMatchObject({ reason: 'type-mismatch' });
    expect(refused({ data: { ...anOrder(), amount: 0 } })).toMatchObject({ reason: 'invalid-payload', path: 'amount' });
  });

  test('takes its trace from the header where it has none', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(parse({ value: json(event), headers: { traceparent } }).traceparent).toBe(traceparent);
  });
});

describe("other tools' formats are refused by name", () => {
  const before = { orderId: 'o-1' };

  test.each<[string, Buffer, RegExp]>([
    [
      'a schema registry',
      Buffer.concat([Buffer.from([0, 0, 0, 0, 42]), json(anOrder())]),
      /Schema Registry .*schema 42/,
    ],
    ['Debezium', json({ before: null, after: before, op: 'c', source: {} }), /Debezium/],
    ['Debezium in Connect', json({ schema: {}, payload: { before, after: before, op: 'u' } }), /Debezium/],
    ['Kafka Connect', json({ schema: { type: 'struct' }, payload: anOrder() }), /schemas\.enable=false/],
  ])('%s', (_, value, message) => {
    const refusal = refusalOf({ value });
    expect(refusal.reason).toBe('unsupported-format');
    expect(refusal.message).toMatch(message);
  });

  test('a zero byte alone is no framing, and an event may have fields of that name', () => {
    expect(refusalOf({ value: Buffer.from([0]) }).reason).toBe('invalid-json');
    expect(parse({ value: json({ ...anOrder(), op: 'c', after: 1, schema: 1, payload: 1 }) }).key).toBe('o-1');
  });
});

describe('traceparent', () => {
  const ids = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';

  test.each([
    [`00-${ids}-01`, `00-${ids}-01`],
    [`01-${ids}-01-and.more`, `00-${ids}-01`],
    [`cc-${ids}-ff`, `00-${ids}-03`],
    [`00-${ids}-01-and.more`, undefined],
    [`ff-${ids}-01`, undefined],
  ])('%s is understood as %s', (traceparent, understood) => {
    expect(parse({ value: json(anOrder()), headers: { traceparent } }).traceparent).toBe(understood);
  });
});

test('what a refusal says of a record is bounded, and storable', () => {
  const attributes = {
    [`\0${'x'.repeat(200_000)}`]: [],
    ...Object.fromEntries([...Array(500).keys()].map((n) => [n, []])),
  };
  const log = { service: 's', level: 'info', message: 'm', attributes };
  const { path, message, problems } = refusalOf({ topic: 'service.log', value: json(log) });
  expect(path.length).toBeLessThanOrEqual(300);
  expect(message.length).toBeLessThanOrEqual(500);
  expect(problems.length).toBeLessThanOrEqual(100);
  expect(problems.some(({ path }) => path.includes('\0'))).toBe(false);
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

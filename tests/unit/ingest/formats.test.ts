import { describe, expect, test } from 'vitest';
import { InvalidRecord } from '../../../packages/sagaline/events/invalid-record.ts';
import { parseRecord } from '../../../packages/sagaline/events/parse-record.ts';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { anOrder } from '../../support/orders.ts';
import { aRecord } from './records.ts';
import { readingWith } from '../../support/reference.ts';

const starts = readingWith((type) => type === 'order.created');
const parse = (record: Partial<ConsumedRecord>) => parseRecord(aRecord(record), starts);
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function refusalOf(record: Partial<ConsumedRecord>): InvalidRecord {
  try {
    parse(record);
  } catch (error) {
    if (error instanceof InvalidRecord) return error;
    throw error;
  }
  throw new Error('the record was accepted');
}

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

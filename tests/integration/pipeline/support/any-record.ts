/** Records as producers might send them who mean no good: any text, any size within the schemas, any time, any bytes. */
import fc from 'fast-check';
import type { ConsumedRecord } from '../../../../packages/sagaline/kafka/port.ts';
import type { EventType } from '../../../../workflows/events.ts';
import type { Log } from './same-tables.ts';

/** Any code units: U+0000, halves of pairs, four-byte characters, one token of many. */
const anyText = (max: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: Math.min(max, 60) }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(max, 60) }),
    fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 20 }).map((units) => String.fromCharCode(...units)),
    fc
      .constantFrom('a', '한', '\u{10FFFF}', "'", '\\', ' ', '%', ':*')
      .map((unit) => unit.repeat(Math.floor(max / unit.length))),
    fc.constantFrom('\0', '\ud800', 'a\udfffb', "it's \\ & | ! <-> :*", '__proto__', 'NULL', '{"a":1}'),
  );

/** Payloads that the schemas take: where they have no bound, so large that others have one. */
const LARGE = 70_000;
const id = fc.constantFrom('a', 'b', `${'x'.repeat(127)}z`, 'user@example.com', '0.1~_-');
const amount = fc.constantFrom(1, 1999, Number.MAX_SAFE_INTEGER);
const currency = fc.constantFrom('EUR', 'KRW');
const at = fc.constantFrom(
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '2026-03-01T12:00:00+14:00',
  '1969-12-31T23:59:59Z',
);
const reason = anyText(200);
const rolledBack = {
  reason,
  step: anyText(LARGE),
  compensated: fc.array(anyText(LARGE), { maxLength: 3 }),
  skipped: fc.array(fc.record({ step: anyText(LARGE), reason }), { maxLength: 2 }),
};
const item = fc.record({
  sku: anyText(64),
  quantity: fc.constantFrom(1, 1_000_000),
  unitPrice: fc.constantFrom(0, Number.MAX_SAFE_INTEGER),
});

const PAYLOADS: Readonly<Partial<Record<EventType, fc.Arbitrary<object>>>> = {
  'order.created': fc.record({
    ...{ orderId: id, customerId: id, amount, currency, items: fc.array(item, { minLength: 1, maxLength: 8 }) },
    ...{ contact: fc.constant({ email: 'kim@example.com' }), paymentMethod: fc.constant({ token: 'tok_ok' }) },
  }),
  'order.completed': fc.record({ orderId: id, paymentId: anyText(LARGE), amount, currency }),
  'order.rejected': fc.record({ orderId: id, ...rolledBack }),
  'payment.refunded': fc.record({ orderId: id, amount, currency, paymentId: anyText(LARGE), refundId: anyText(LARGE) }),
  'user.created': fc.record({
    userId: id,
    email: fc.constant('kim@example.com'),
    name: anyText(200),
    locale: anyText(35),
  }),
  'user.activity': fc.record(
    {
      userId: id,
      action: fc.oneof(anyText(100), fc.constantFrom('viewed', 'added')),
      at,
      page: anyText(500),
      sku: anyText(64),
    },
    { requiredKeys: ['userId', 'action'] },
  ),
  'service.log': fc.record(
    {
      ...{ service: id, level: fc.constantFrom('info', 'error'), message: anyText(16_384), at, traceId: anyText(32) },
      attributes: fc.dictionary(anyText(110), fc.oneof(anyText(1_100), fc.jsonValue({ maxDepth: 2 })), { maxKeys: 5 }),
    },
    { requiredKeys: ['service', 'level', 'message'] },
  ),
};

export const RECORD_TYPES = Object.keys(PAYLOADS) as EventType[];

/** Kafka has 64 bits for a record's time. */
const timestamp = fc.oneof(
  fc.constantFrom(0, -1, Date.parse('2026-03-01T12:00:00Z'), -2e17, 8.64e15 + 1, 253402300800000, -62135596800001),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(Number),
);

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const headers = fc.dictionary(
  fc.constantFrom(
    'ce_id',
    'ce_source',
    'ce_type',
    'ce_specversion',
    'ce_time',
    'traceparent',
    'content-type',
    'schemaversion',
  ),
  fc.oneof(
    fc.constant(null),
    bytes,
    fc.constantFrom('1.0', '9999-12-31T23:59:59-14:00', '0000-01-01T00:00:00Z', 'application/json'),
  ),
  { maxKeys: 4 },
);

function anyRecord(topic: EventType): fc.Arbitrary<Omit<ConsumedRecord, 'partition' | 'offset'>> {
  const payload = (PAYLOADS[topic] ?? fc.object()).map((value) => Buffer.from(JSON.stringify(value)));
  return fc.record({
    ...{ topic: fc.constant(topic), timestamp },
    key: fc.option(bytes, { freq: 5 }).map((key) => (key?.length === 7 ? key : null)),
    value: fc.oneof(
      { weight: 12, arbitrary: payload },
      { weight: 1, arbitrary: bytes },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    headers: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
  });
}

/** Logs of these topics, two partitions each. */
export const anyLogs = (topics: readonly EventType[], maxLength: number): fc.Arbitrary<Log[]> =>
  fc.tuple(
    ...topics.flatMap((topic) =>
      [0, 1].map((partition) =>
        fc
          .array(anyRecord(topic), { maxLength })
          .map((records) => records.map((record, offset) => ({ ...record, partition, offset: String(offset) }))),
      ),
    ),
  );

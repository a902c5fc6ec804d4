/** Records as producers make them, and arbitrary ones. */
import fc from 'fast-check';
import type { ConsumedRecord, RecordHeaders } from '../../../packages/sagaline/kafka/port.ts';
import type { OrderCreated } from '../../../workflows/events/order.ts';

export function aRecord(record: Partial<ConsumedRecord> = {}): ConsumedRecord {
  return {
    topic: 'order.created',
    partition: 0,
    offset: '7',
    key: null,
    value: Buffer.from('{}'),
    headers: {},
    timestamp: 1_700_000_000_000,
    ...record,
  };
}

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~@-]{0,40}$/);

/** Every order that the schema accepts, as far as a generator reaches. */
export const validOrder: fc.Arbitrary<OrderCreated> = fc.record({
  orderId: id,
  customerId: id,
  amount: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  currency: fc.stringMatching(/^[A-Z]{3}$/),
  items: fc.array(
    fc.record({
      sku: fc
        .string({ minLength: 1, maxLength: 32, unit: 'grapheme' })
        .filter((sku) => sku.length <= 64 && !sku.includes('\0')),
      quantity: fc.integer({ min: 1, max: 1_000_000 }),
      unitPrice: fc.nat(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  contact: fc.constantFrom({ email: 'ada@customer.example' }, { email: 'a@b.example', phone: '+4915112345678' }),
  paymentMethod: fc.record({ token: fc.stringMatching(/^tok_[A-Za-z0-9_]{1,20}$/) }),
});

const headerName = fc.oneof(
  fc.constantFrom(
    'content-type',
    'Content-Type',
    'traceparent',
    'schemaversion',
    'ce_specversion',
    'ce_type',
    'ce_source',
    'ce_id',
    'ce_time',
  ),
  fc.string({ maxLength: 20 }),
);
const headerValue = fc.oneof(
  fc.constantFrom(
    '1.0',
    '1',
    'order.created',
    'application/json',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
  ),
  fc.string({ maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);

export const anyHeaders: fc.Arbitrary<RecordHeaders> = fc.dictionary(
  headerName,
  fc.oneof(headerValue, fc.array(headerValue, { maxLength: 3 })),
  { maxKeys: 8 },
);

const anyValue = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((json) => Buffer.from(json)),
  fc
    .record({
      specversion: fc.constantFrom('1.0', '0.3'),
      type: fc.constantFrom('order.created', 'x'),
      source: fc.string(),
      id: fc.string(),
      data: fc.jsonValue(),
    })
    .map((event) => Buffer.from(JSON.stringify(event))),
);

/** Whatever can stand on a topic. */
export const anyRecord: fc.Arbitrary<ConsumedRecord> = fc.record({
  topic: fc.constantFrom('order.created', 'order.cancel-requested', 'user.activity', 'nobody.knows', 'constructor'),
  partition: fc.nat(),
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  key: fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))),
  value: fc.option(anyValue),
  headers: anyHeaders,
  timestamp: fc.oneof(fc.integer(), fc.double()),
});

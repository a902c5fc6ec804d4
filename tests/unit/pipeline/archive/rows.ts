/** Rows as the archive has them, from the plainest to what only fast-check thinks of. */
import * as fc from 'fast-check';
import type { ArchivedRow } from '../../../../packages/sagaline/pipeline/archive/archived-row.ts';

export const aRow = (changes: Partial<ArchivedRow> = {}): ArchivedRow => ({
  recordTime: Date.parse('2026-11-22T12:00:00.123Z'),
  topic: 'user.activity',
  partition: 0,
  offset: '0',
  type: 'user.activity',
  key: 'u-1',
  rawKey: null,
  eventId: 'pos:user.activity/0/0',
  eventTime: Date.parse('2026-11-22T11:59:59.999Z'),
  traceparent: null,
  payload: '{"userId":"u-1","action":"viewed"}',
  rawValue: null,
  headers: null,
  fault: null,
  faultPath: null,
  faultMessage: null,
  ...changes,
});

const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
const time = fc.integer({ min: Date.parse('0001-01-01'), max: Date.parse('9999-12-31') });

export const anyRow: fc.Arbitrary<ArchivedRow> = fc.record({
  recordTime: time,
  topic: fc.constantFrom('user.activity', 'order.created', 'other'),
  partition: fc.integer({ min: 0, max: 1000 }),
  offset: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  type: text,
  key: maybe(text),
  rawKey: maybe(bytes),
  eventId: maybe(text),
  eventTime: time,
  traceparent: maybe(text),
  payload: maybe(fc.json()),
  rawValue: maybe(bytes),
  headers: maybe(fc.json()),
  fault: maybe(text),
  faultPath: maybe(text),
  faultMessage: maybe(text),
});

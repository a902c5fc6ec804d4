import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../../packages/sagaline/kafka/port.ts';
import { archivedRow } from '../../../../packages/sagaline/pipeline/archive/archived-row.ts';
import { readEvent } from '../../../../packages/sagaline/pipeline/runtime/recorded-event.ts';
import { readingWith } from '../../../support/reference.ts';

const TIME = Date.parse('2026-11-22T12:00:00.123Z');

const record = (changes: Partial<ConsumedRecord> = {}): ConsumedRecord => ({
  topic: 'user.activity',
  partition: 2,
  offset: '41',
  key: Buffer.from('u-1'),
  value: Buffer.from('{"userId":"u-1","action":"viewed","more":12345678901234567890}'),
  headers: {},
  timestamp: TIME,
  ...changes,
});

const rowOf = (changes?: Partial<ConsumedRecord>) =>
  archivedRow(
    readEvent(
      record(changes),
      readingWith(() => false),
    ),
  );

describe('a row of the archive', () => {
  test('has a valid event with its place, ids, times, and its value as it came', () => {
    const value =
      ' {"action":"viewed", "userId":"u-1", "at":"2026-11-20T01:02:03.004+02:00", "big": 1e400, "nul": "\\u0000"} ';
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(rowOf({ value: Buffer.from(value), headers: { traceparent, password: 'secret' }, key: null })).toEqual({
      ...{ topic: 'user.activity', partition: 2, offset: '41', recordTime: TIME },
      ...{ type: 'user.activity', key: 'u-1', rawKey: null, eventId: 'pos:user.activity/2/41', traceparent },
      eventTime: Date.parse('2026-11-19T23:02:03.004Z'),
      payload: value,
      rawValue: null,
      headers: JSON.stringify({ traceparent }),
      ...{ fault: null, faultPath: null, faultMessage: null },
    });
  });

  test.each([
    ['JSON that breaks the schema', '{"userId":"u-1"}', 'invalid-payload', 'payload'],
    ['no JSON', 'not json', 'invalid-json', 'rawValue'],
    ['no UTF-8', '\xff', 'invalid-utf8', 'rawValue'],
    ['nested beyond all bounds', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'too-deep', 'rawValue'],
  ])('keeps a value that is %s, with the reason', (_, text, fault, where) => {
    const value = Buffer.from(text, 'latin1');
    const row = rowOf({ value });
    expect(row).toMatchObject({ fault, type: 'user.activity', eventId: null, eventTime: TIME });
    expect(row).toMatchObject(
      where === 'payload' ? { payload: text, rawValue: null } : { payload: null, rawValue: value },
    );
  });

  test('keeps a tombstone', () => {
    expect(rowOf({ value: null })).toMatchObject({ fault: 'tombstone', payload: null, rawValue: null, key: 'u-1' });
  });

  test('of an unknown type says what a CloudEvent says of itself', () => {
    const headers = {
      ...{ ce_specversion: '1.0', ce_type: 'stock.counted', ce_source: '/stock', ce_id: '7' },
      ce_time: '2026-11-21T00:00:00Z',
    };
    expect(rowOf({ topic: 'stock', headers })).toMatchObject({
      ...{ topic: 'stock', type: 'stock.counted', eventId: 'ce:/stock:7', fault: 'unknown-type', key: 'u-1' },
      eventTime: Date.parse('2026-11-21T00:00:00Z'),
    });
  });

  test('of an unknown type that is anything at all is kept, too', () => {
    const value = Buffer.from([0, 1, 2, 255]);
    expect(rowOf({ topic: 'stock', value })).toMatchObject({ type: 'stock', rawValue: value, fault: 'unknown-type' });
    expect(rowOf({ topic: 'stock', value: null })).toMatchObject({ type: 'stock', rawValue: null, payload: null });
  });

  test.each([
    ['too long for an index', Buffer.alloc(5_000, 'k')],
    ['no text', Buffer.from([0xff, 0xfe])],
    ['with a NUL', Buffer.from('a\0b')],
    ['with a byte order mark', Buffer.from('\ufeffu-1')],
  ])('keeps the bytes of a key that is %s', (_, key) => {
    expect(rowOf({ topic: 'stock', key })).toMatchObject({ key: null, rawKey: key });
  });

  test('does not index a type that no index takes', () => {
    const event = { specversion: '1.0', type: '\u{10348}'.repeat(500), source: 's', id: '1', data: {} };
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect(rowOf({ topic: 'stock', headers, value: Buffer.from(JSON.stringify(event)) })).toMatchObject({
      ...{ type: 'stock', eventId: 'ce:s:1' },
    });
  });

  test.each([
    [-1, -1],
    [Number.NaN, 0],
    [Number.MAX_SAFE_INTEGER, 0],
    [-(2 ** 60), 0],
  ])('has a time that a calendar has, also of a record of time %d', (timestamp, recordTime) => {
    const value = Buffer.from('{');
    expect(rowOf({ timestamp, value })).toMatchObject({ recordTime, eventTime: recordTime });
  });

  test('is one that PostgreSQL takes, whatever the record', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 200 }).map((value) => Buffer.from(value)));
    const json = fc.json().map((value) => Buffer.from(value));
    const records = fc.record({
      topic: fc.constantFrom('user.activity', 'stock'),
      key: bytes,
      value: fc.oneof(bytes, json),
      headers: fc.dictionary(fc.constantFrom('traceparent', 'ce_type', 'ce_id', 'content-type'), fc.string()),
      timestamp: fc.double(),
    });
    fc.assert(
      fc.property(records, (changes) => {
        const row = rowOf(changes);
        const texts = [row.type, row.key, row.eventId, row.traceparent, row.payload, row.headers, row.faultPath];
        for (const text of texts) expect(text ?? '').not.toContain('\0');
        for (const indexed of [row.type, row.key]) expect(Buffer.byteLength(indexed ?? '')).toBeLessThan(2_700);
        if (row.payload !== null) expect(() => JSON.parse(row.payload ?? '') as unknown).not.toThrow();
        // Nothing of the record is lost.
        expect(row.rawValue ?? (row.payload === null ? null : Buffer.from(row.payload))).toEqual(
          withoutMark(changes.value),
        );
        if (row.fault !== null)
          expect(row.rawKey ?? (row.key === null ? null : Buffer.from(row.key))).toEqual(changes.key);
        expect(Number.isInteger(row.recordTime) && Number.isInteger(row.eventTime)).toBe(true);
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});

/** A byte order mark before JSON is no part of it. */
function withoutMark(value: Buffer | null): Buffer | null {
  const hasMark = value?.[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf;
  return hasMark && isJson(value.subarray(3)) ? value.subarray(3) : value;
}

function isJson(value: Buffer): boolean {
  try {
    JSON.parse(value.toString());
    return true;
  } catch {
    return false;
  }
}

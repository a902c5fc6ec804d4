import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  byTopic,
  chunksOf,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_RECORDS,
  sizeOf,
} from '../../../packages/sagaline/kafka/kafkajs/chunks.ts';

const weights = fc.array(
  fc.record({ bytes: fc.integer({ min: 1, max: 2 * MAX_REQUEST_BYTES }), records: fc.integer({ min: 1, max: 1_500 }) }),
);

describe('requests', () => {
  test('keep the order, lose nothing, and fit, unless one item alone does not', () => {
    fc.assert(
      fc.property(weights, (items) => {
        const chunks = [...chunksOf(items, (item) => item)];
        expect(chunks.flat()).toEqual(items);
        for (const chunk of chunks.filter(({ length }) => length > 1)) {
          expect(chunk.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
          expect(chunk.reduce((sum, { records }) => sum + records, 0)).toBeLessThanOrEqual(MAX_REQUEST_RECORDS);
        }
      }),
    );
  });

  test('are weighed in bytes, headers included, not in characters', () => {
    const light = sizeOf({ topic: 't', key: null, value: null, headers: {} });
    expect(sizeOf({ topic: 't', key: 'é', value: Buffer.alloc(10), headers: {} }) - light).toBe(12);
    expect(sizeOf({ topic: 't', key: null, value: null, headers: { a: ['12345', '67890'] } }) - light).toBeGreaterThan(
      11,
    );
  });

  test('group records by topic and keep the order within each', () => {
    const record = (topic: string, value: string) => ({ topic, key: 'k', value, headers: {} });
    const grouped = byTopic([record('a', '1'), record('b', '2'), record('a', '3')]);
    expect(grouped.map(({ topic, messages }) => [topic, messages.map(({ value }) => value)])).toEqual([
      ['a', ['1', '3']],
      ['b', ['2']],
    ]);
  });
});

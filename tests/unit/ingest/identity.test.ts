import fc from 'fast-check';
import { expect, test } from 'vitest';
import { producerEventId } from '../../../packages/sagaline/events/event-id.ts';
import { canonicalJson, payloadHash } from '../../../packages/sagaline/events/payload-hash.ts';

/** The same value with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reordered(inner)]),
  );
}

test('the hash does not depend on the order of keys, and canonical JSON is still the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(payloadHash(reordered(value))).toBe(payloadHash(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('another value has another hash', () => {
  expect(payloadHash({ a: [1, 2] })).not.toBe(payloadHash({ a: [2, 1] }));
  expect(payloadHash({ a: 1 })).not.toBe(payloadHash({ a: '1' }));
});

test("two producers' ids never become one, and every id fits a search attribute", () => {
  const text = fc.oneof(fc.string({ minLength: 1, unit: 'grapheme' }), fc.stringMatching(/^[:%a3A]{1,6}$/));
  fc.assert(
    fc.property(text, text, text, text, (source, id, otherSource, otherId) => {
      const [one, other] = [producerEventId(source, id), producerEventId(otherSource, otherId)];
      expect(one === other).toBe(source === otherSource && id === otherId);
      expect(one).toMatch(/^[\x21-\x7e]{1,200}$/);
    }),
    { numRuns: 1_000 },
  );
  expect(producerEventId('a:b', 'c')).not.toBe(producerEventId('a', 'b:c'));
  const long = producerEventId('/shop', 'x'.repeat(1_000));
  expect(long).toMatch(/^ce:sha256:[0-9a-f]{64}$/);
  // A source that calls itself "sha256" cannot take it.
  expect(producerEventId('sha256', long.slice('ce:sha256:'.length))).not.toBe(long);
  // The others keep the ids they had.
  expect(producerEventId('sha256', 'e-1')).toBe('ce:sha256:e-1');
});

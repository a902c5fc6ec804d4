import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FIRST_INSTANT_MS,
  Instant,
  isInstant,
  LAST_INSTANT_MS,
  parseInstant,
  recordTimeMs,
} from '../../../packages/sagaline/ground/instant.ts';

describe('instants', () => {
  test.each([
    ['0001-01-01T00:00:00Z', true],
    ['9999-12-31T23:59:59.999Z', true],
    ['2026-01-31T12:00:00.1234567+09:00', true],
    // In UTC the year 10000, which is .NET's largest time written in New York.
    ['9999-12-31T23:59:59.9999999-05:00', false],
    // In UTC the year 0.
    ['0001-01-01T00:00:00+01:00', false],
    ['0000-06-01T00:00:00Z', false],
    ['2026-02-30T00:00:00Z', false],
    ['2026-01-31', false],
    ['+010000-01-01T00:00:00Z', false],
  ])('%s', (text, isOne) => {
    expect(parseInstant(text) !== undefined).toBe(isOne);
    expect(Instant.safeParse(text).success).toBe(isOne);
  });

  test("a record's time is read as the epoch where no calendar has it", () => {
    for (const timestamp of [-2e17, 2e17, NaN, Infinity, -Infinity, FIRST_INSTANT_MS - 1, LAST_INSTANT_MS + 1]) {
      expect(recordTimeMs(timestamp)).toBe(0);
    }
    expect(recordTimeMs(FIRST_INSTANT_MS)).toBe(FIRST_INSTANT_MS);
    expect(recordTimeMs(LAST_INSTANT_MS)).toBe(LAST_INSTANT_MS);
    expect(recordTimeMs(-1)).toBe(-1);
  });

  test('whatever the number, its time can be written with four digits for the year', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger()), (timestamp) => {
        const ms = recordTimeMs(timestamp);
        expect(isInstant(ms)).toBe(true);
        expect(new Date(ms).toISOString()).toMatch(/^[0-9]{4}-/);
      }),
    );
  });
});

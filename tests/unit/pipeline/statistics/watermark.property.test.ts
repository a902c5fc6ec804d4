import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STATISTICS_DEFAULTS } from '../../../../gateways/pipeline/statistics/settings.ts';
import { Watermark, isLate } from '../../../../gateways/pipeline/statistics/watermark.ts';
import {
  SIZE_NAMES,
  WINDOW_SIZES,
  windowStart,
  type PerSize,
} from '../../../../gateways/pipeline/statistics/windows.ts';
import { activity } from '../../../support/recorded-events.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const times = fc.array(fc.integer({ min: NOON - 200_000_000, max: NOON }), { minLength: 1, maxLength: 60 });
const { latenessMs } = STATISTICS_DEFAULTS;

const latesOf = (watermark: Watermark, events: readonly number[]) =>
  events.map((time) => watermark.advance(activity(time)));

describe('a window', () => {
  test('holds the times from its begin to before its end, and the next begins there', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e13, max: 1e14 }), fc.constantFrom(...SIZE_NAMES), (time, size) => {
        const start = windowStart(time, size);
        expect(start % WINDOW_SIZES[size]).toBe(start < 0 ? -0 : 0);
        expect(time >= start && time < start + WINDOW_SIZES[size]).toBe(true);
        expect(windowStart(start + WINDOW_SIZES[size], size)).toBe(start + WINDOW_SIZES[size]);
      }),
    );
  });

  test('of an hour is sixty windows of a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e14 }), (time) => {
        expect(windowStart(windowStart(time, '1m'), '1h')).toBe(windowStart(time, '1h'));
        expect(windowStart(windowStart(time, '1s'), '1m')).toBe(windowStart(time, '1m'));
      }),
    );
  });
});

describe('a watermark', () => {
  test('makes an event late exactly when an earlier one was beyond the end of its window and the bound', () => {
    fc.assert(
      fc.property(times, (events) => {
        const lates = latesOf(new Watermark(-Infinity, latenessMs), events);
        for (const [index, late] of lates.entries()) {
          for (const [bit, size] of SIZE_NAMES.entries()) {
            const end = windowStart(events[index] ?? 0, size) + WINDOW_SIZES[size];
            const expected = events.slice(0, index).some((earlier) => earlier >= end + latenessMs[size]);
            expect(isLate(late, bit)).toBe(expected);
          }
        }
      }),
    );
  });

  test('does not depend on where batches begin and end', () => {
    fc.assert(
      fc.property(times, fc.nat(), (events, cut) => {
        const at = cut % (events.length + 1);
        const first = new Watermark(-Infinity, latenessMs);
        const before = latesOf(first, events.slice(0, at));
        const after = latesOf(new Watermark(first.newest, latenessMs), events.slice(at));
        expect([...before, ...after]).toEqual(latesOf(new Watermark(-Infinity, latenessMs), events));
      }),
    );
  });

  test('is not moved beyond the record’s own time by a producer whose clock is ahead', () => {
    const watermark = new Watermark(-Infinity, latenessMs);
    watermark.advance(activity(NOON + 365 * 86_400_000, { recordTime: NOON }));
    expect(watermark.newest).toBe(NOON);
    expect(watermark.advance(activity(NOON - 1_000))).toBe(0);
  });

  test('closes nothing where lateness is for ever', () => {
    const ever: PerSize = { '1s': Infinity, '1m': Infinity, '1h': Infinity };
    const watermark = new Watermark(NOON, ever);
    expect(watermark.advance(activity(0))).toBe(0);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { windowsOf } from '../../../../packages/sagaline/http/recorded-events/windows.ts';
import { DAY_MS, dayOf, daysAfter, isClosed, startOf } from '../../../../packages/sagaline/pipeline/archive/day.ts';
import {
  DAYS_AT_ONCE,
  dayNamed,
  homesOf,
  partitionOf,
} from '../../../../packages/sagaline/pipeline/archive/partitions.ts';

const days = (first: string, count: number) => Array.from({ length: count }, (_, index) => daysAfter(first, index));

test('a day is closed when its end and the grace are over', () => {
  const end = startOf('2026-11-23');
  expect(isClosed('2026-11-22', 1_000, end + 999)).toBe(false);
  expect(isClosed('2026-11-22', 1_000, end + 1_000)).toBe(true);
});

test('a partition is named after its day', () => {
  fc.assert(
    fc.property(fc.integer({ min: startOf('2000-01-01'), max: startOf('2100-01-01') - 1 }), (ms) => {
      expect(dayNamed(partitionOf(dayOf(ms)))).toBe(dayOf(ms));
    }),
  );
});

describe('partitions are made', () => {
  test('for the newest days of a batch, and not for more than a transaction may lock', () => {
    const many = days('2026-01-01', DAYS_AT_ONCE + 10);
    expect([...homesOf(many.toReversed())]).toEqual(many.slice(10));
  });

  test('for no year in which nothing can have happened', () => {
    expect([...homesOf(['1970-01-01', '1999-12-31', '2000-01-01', '2099-12-31', '2100-01-01'])]).toEqual([
      ...['2000-01-01', '2099-12-31'],
    ]);
  });
});

test('windows of reading cover the range once, in order, with few days each', () => {
  const bound = fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), bound, bound, (count, from, to) => {
      const first = startOf('2026-01-01');
      const msOf = (day: number | undefined) => (day === undefined ? undefined : first + (day - 20) * DAY_MS + 7);
      const range = { from: msOf(from), to: msOf(to) };
      const partitions = days('2026-01-01', count);
      const windows = windowsOf(partitions, 'oldest', range);
      expect(windowsOf(partitions, 'newest', range)).toEqual(windows.toReversed());
      if (from !== undefined && to !== undefined && from >= to) {
        expect(windows).toEqual([]);
        return;
      }
      expect([windows[0]?.from, windows.at(-1)?.to]).toEqual([range.from, range.to]);
      for (const [index, window] of windows.entries()) {
        if (index > 0) expect(window.from).toBe(windows[index - 1]?.to);
        const inside = partitions.filter(
          (day) => startOf(day) + DAY_MS > (window.from ?? -Infinity) && startOf(day) < (window.to ?? Infinity),
        );
        expect(inside.length).toBeLessThanOrEqual(34);
      }
    }),
  );
});

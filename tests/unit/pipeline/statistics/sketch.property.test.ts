import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RELATIVE_ACCURACY, binOf, quantilesOf } from '../../../../gateways/pipeline/statistics/sketch.ts';

/** From a millisecond to a year. */
const durations = fc.array(fc.integer({ min: 0, max: 31_536_000_000 }), { minLength: 1, maxLength: 200 });
const QUANTILES = [0, 0.5, 0.95, 0.99, 1];

const sketchOf = (values: readonly number[]) => values.map((value) => ({ bin: binOf(value), count: 1 }));

test('a percentile is within 1 % of the duration that has this rank', () => {
  fc.assert(
    fc.property(durations, (values) => {
      const sorted = [...values].sort((one, other) => one - other);
      const found = quantilesOf(sketchOf(values), QUANTILES) ?? [];
      for (const [index, quantile] of QUANTILES.entries()) {
        const exact = sorted[Math.floor(quantile * (sorted.length - 1))] ?? NaN;
        // Half a millisecond is lost to rounding.
        expect(Math.abs((found[index] ?? NaN) - exact)).toBeLessThanOrEqual(exact * RELATIVE_ACCURACY + 0.5);
      }
    }),
  );
});

test('sketches merge by adding bins, in any order, and are taken apart by subtracting', () => {
  fc.assert(
    fc.property(durations, durations, (one, other) => {
      const merged = new Map<number, number>();
      for (const { bin } of [...sketchOf(one), ...sketchOf(other)]) merged.set(bin, (merged.get(bin) ?? 0) + 1);
      const bins = [...merged].map(([bin, count]) => ({ bin, count }));
      const together = quantilesOf(sketchOf([...other, ...one]), QUANTILES);
      expect(quantilesOf(bins, QUANTILES)).toEqual(together);

      for (const { bin } of sketchOf(other)) merged.set(bin, (merged.get(bin) ?? 0) - 1);
      const left = [...merged].filter(([, count]) => count > 0).map(([bin, count]) => ({ bin, count }));
      expect(quantilesOf(left, QUANTILES)).toEqual(quantilesOf(sketchOf(one), QUANTILES));
    }),
  );
});

test('no durations have no percentiles; clocks that differ make no negative ones', () => {
  expect(quantilesOf([], QUANTILES)).toBeUndefined();
  expect(binOf(-5_000)).toBe(binOf(0));
  expect(binOf(0)).toBeLessThan(binOf(1));
  expect(quantilesOf([{ bin: binOf(-1), count: 3 }], [0.5])).toEqual([0]);
});

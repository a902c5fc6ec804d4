import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeIntervals, type Interval } from '../../../../packages/sagaline/pipeline/intervals/merge.ts';

const moment = (at: number): Interval => ({ from: at, to: at, amount: 1 });
const moments = fc.array(fc.integer({ min: -200, max: 200 }), { maxLength: 40 });
const gaps = fc.integer({ min: 0, max: 20 });

/** What a session is, said without any merging: sort, and cut where the pause is too long. */
function naive(times: readonly number[], gap: number): Interval[] {
  const sorted = times.toSorted((a, b) => a - b);
  const cuts = sorted.flatMap((time, at) => (at === 0 || time - (sorted[at - 1] ?? 0) > gap ? [at] : []));
  return cuts.map((begin, at) => {
    const group = sorted.slice(begin, cuts[at + 1]);
    return { from: group[0] ?? 0, to: group.at(-1) ?? 0, amount: group.length };
  });
}

describe('mergeIntervals', () => {
  test('makes of moments what a naive grouping makes', () => {
    fc.assert(
      fc.property(moments, gaps, (times, gap) => {
        expect(mergeIntervals(times.map(moment), gap)).toEqual(naive(times, gap));
      }),
    );
  });

  test('gives the same whatever was merged before, in whatever pieces and order', () => {
    fc.assert(
      fc.property(moments, moments, moments, gaps, (a, b, c, gap) => {
        const of = (times: readonly number[]) => mergeIntervals(times.map(moment), gap);
        const atOnce = of([...a, ...b, ...c]);
        expect(mergeIntervals([...mergeIntervals([...of(c), ...of(a)], gap), ...of(b)], gap)).toEqual(atOnce);
      }),
    );
  });

  test('a pause of exactly the gap does not end an interval, a longer one does', () => {
    expect(mergeIntervals([moment(0), moment(10)], 10)).toEqual([{ from: 0, to: 10, amount: 2 }]);
    expect(mergeIntervals([moment(0), moment(11)], 10)).toHaveLength(2);
  });

  test('one that lies inside another does not shorten it', () => {
    const inside = { from: 2, to: 3, amount: 1 };
    expect(mergeIntervals([{ from: 0, to: 9, amount: 1 }, inside], 0)).toEqual([{ from: 0, to: 9, amount: 2 }]);
  });
});

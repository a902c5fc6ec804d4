/** A stretch of event time, ms since the epoch, and how much of something is in it. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

/**
 * Joins what overlaps, touches, or lies apart by no more than `gap`. The result is in order of time, and does not depend on
 * the order of what is given, nor on what was joined before: `merge(merge(a) + b)` is `merge(a + b)`.
 */
export function mergeIntervals(intervals: readonly Interval[], gap: number): Interval[] {
  const merged: Interval[] = [];
  for (const next of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || next.from - last.to > gap) merged.push(next);
    else
      merged[merged.length - 1] = {
        from: last.from,
        to: Math.max(last.to, next.to),
        amount: last.amount + next.amount,
      };
  }
  return merged;
}

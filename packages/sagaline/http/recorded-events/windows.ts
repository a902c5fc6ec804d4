import { startOf } from '../../pipeline/archive/day.ts';

/** [from, to), in ms; without a bound where there is none. */
export interface TimeWindow {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Partitions that one query opens, at most. */
const DAYS_IN_A_WINDOW = 32;

/**
 * Cuts a range into windows that follow each other in the order of reading, together cover all of it, and hold a few days each.
 *
 * @param days those that have a partition, oldest first
 */
export function windowsOf(days: readonly string[], order: 'newest' | 'oldest', { from, to }: TimeWindow): TimeWindow[] {
  const inside = days
    .map(startOf)
    .filter((start) => (from === undefined || start > from) && (to === undefined || start < to));
  // Counted from the newest, so that the first page mostly needs one query.
  const cuts = inside.filter((_, index) => (inside.length - index) % DAYS_IN_A_WINDOW === 0);
  const bounds = [from, ...cuts, to];
  const windows = bounds.slice(1).map((end, index) => ({ from: bounds[index], to: end }));
  const some = windows.filter((window) => !(Number(window.from) >= Number(window.to)));
  return order === 'newest' ? some.reverse() : some;
}

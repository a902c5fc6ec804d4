import { z } from '@hono/zod-openapi';
import { Problem } from 'sagaline/http';
import { Timestamp } from 'sagaline/workflow';
import { SIZE_NAMES, WINDOW_SIZES, windowStart, type WindowSize } from '../../pipeline/statistics/windows.ts';

/** Windows of one answer, at most. */
const MAX_WINDOWS = 1_000;
/** Windows of one answer where the caller does not say from when. */
const DEFAULT_WINDOWS = 60;

export const RangeQuery = z.object({
  window: z.enum(SIZE_NAMES).default('1m'),
  from: Timestamp.optional().openapi({ description: `${DEFAULT_WINDOWS} windows before \`to\`, unless given` }),
  to: Timestamp.optional().openapi({ description: 'now, unless given' }),
});

/** Whole windows from `from` until before `to`, ms since the epoch. */
export interface Range {
  readonly size: WindowSize;
  readonly from: number;
  readonly to: number;
}

/**
 * The windows that a request asks for: those that hold `from` and what is before `to`, and all between.
 *
 * @throws Problem malformed-request when there are none, or too many
 */
export function rangeOf({ window: size, from, to }: z.output<typeof RangeQuery>, now: number): Range {
  const ms = WINDOW_SIZES[size];
  const last = windowStart((to === undefined ? now : Date.parse(to)) - 1, size) + ms;
  const first = from === undefined ? last - DEFAULT_WINDOWS * ms : windowStart(Date.parse(from), size);
  const windows = (last - first) / ms;
  if (windows < 1) throw refused('from', 'must be before to, which is now unless given');
  if (windows > MAX_WINDOWS) {
    throw refused(
      'from',
      `to is ${windows} windows later; at most ${MAX_WINDOWS}: ask for less time, or longer windows`,
    );
  }
  return { size, from: first, to: last };
}

/** Begins of a range's windows. */
export function startsOf({ size, from, to }: Range): number[] {
  const ms = WINDOW_SIZES[size];
  return Array.from({ length: (to - from) / ms }, (_, index) => from + index * ms);
}

/** A range as an answer tells it: what was asked for, widened to whole windows. */
export const rangeSaid = ({ size, from, to }: Range) => ({
  window: size,
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

export function refused(field: string, reason: string): Problem {
  return new Problem('malformed-request', `${field}: ${reason}`, { errors: [{ field, reason }] });
}

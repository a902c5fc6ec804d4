/** ms-formatted ('24 hours') or ms. */
export type Duration = string | number;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  second: 1_000,
  m: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
};

/**
 * Milliseconds of `'24 hours'`, `'90s'` or `1500`: the ms format, limited to whole words that a reader cannot mistake.
 *
 * @throws RangeError naming what was given
 */
export function msOf(duration: Duration): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration;
  const [, amount, unit] =
    /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d|seconds?|minutes?|hours?|days?)$/.exec(String(duration)) ?? [];
  const factor = unit && (UNITS[unit] ?? UNITS[unit.replace(/s$/, '')]);
  if (!amount || !factor)
    throw new RangeError(`${String(duration)} is no duration: write milliseconds, or for example '90s' or '24 hours'`);
  return Number(amount) * factor;
}

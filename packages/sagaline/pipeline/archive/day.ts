/** Days are UTC days of the record's own time, written YYYY-MM-DD: the archive's unit of storing, moving and forgetting. */

export const DAY_MS = 24 * 60 * 60 * 1000;

/** @param ms a time with a year from 1 to 9999 */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const startOf = (day: string): number => Date.parse(`${day}T00:00:00.000Z`);

/** The day after, or that many days after; negative for before. */
export const daysAfter = (day: string, count = 1): string => dayOf(startOf(day) + count * DAY_MS);

/** Whether `day` lies so far back that, but for late records, nothing more comes for it. */
export function isClosed(day: string, graceMs: number, now: number): boolean {
  return startOf(day) + DAY_MS + graceMs <= now;
}

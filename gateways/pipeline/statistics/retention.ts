import type { ProjectionTransaction } from 'sagaline/pipeline';
import { AMOUNT_MEASURES, MEASURES } from './tally.ts';
import { SIZE_NAMES, WINDOW_SIZES, type PerSize } from './windows.ts';

/** Rows of one statement: short transactions, whatever there is to remove. */
const MAX_ROWS = 200_000;

/** Measures by table, named because the index has them before the time. */
const TABLES = [
  ['counts', MEASURES],
  ['amounts', AMOUNT_MEASURES],
  ['durations', undefined],
] as const;

/**
 * Removes windows that ended longer ago than they are kept, as the newest event time sees it and not the clock on the wall: two
 * views of the same records that were both cleared up have the same windows, whenever that was.
 *
 * @returns how many rows were removed
 */
export async function removeOldWindows(tx: ProjectionTransaction, keepMs: PerSize): Promise<number> {
  const [clock] = await tx.query<{ newest: string | null }>('SELECT max("newest") AS "newest" FROM "watermarks"');
  if (clock?.newest == null) return 0;
  let removed = 0;
  for (const size of SIZE_NAMES) {
    const before = Number(clock.newest) - keepMs[size] - WINDOW_SIZES[size];
    if (!Number.isFinite(before)) continue;
    for (const [table, measures] of TABLES) {
      removed += await removeBefore(tx, table, measures, [WINDOW_SIZES[size], Math.ceil(before)]);
    }
  }
  return removed;
}

/** What a member is writing to right now is left for the next time: housekeeping never waits, so nobody waits for it in a ring. */
async function removeBefore(
  tx: ProjectionTransaction,
  table: string,
  measures: readonly string[] | undefined,
  [windowMs, before]: readonly [windowMs: number, before: number],
): Promise<number> {
  const [answer] = await tx.query<{ removed: string }>(
    `WITH "old" AS (
       SELECT ctid FROM "${table}"
       WHERE "window_ms" = $1 AND "window_start" < $2 ${measures ? 'AND "measure" = ANY ($3::text[])' : ''}
       LIMIT ${MAX_ROWS} FOR UPDATE SKIP LOCKED
     ), "removed" AS (
       DELETE FROM "${table}" WHERE ctid IN (SELECT ctid FROM "old") RETURNING 1
     ) SELECT count(*) AS "removed" FROM "removed"`,
    measures ? [windowMs, before, measures] : [windowMs, before],
  );
  return Number(answer?.removed ?? 0);
}

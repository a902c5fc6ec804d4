import type { ProjectionTransaction } from '../runtime/projection.ts';
import { mergeIntervals, type Interval } from './merge.ts';

/** A table of intervals, `started_at` and `ended_at`, that lie apart by more than the gap; indexed by key and end. */
export interface IntervalTable {
  readonly table: string;
  /** Column that says whose interval it is. */
  readonly key: string;
  /** Column that adds up what is in an interval, if there is one. */
  readonly amount?: string;
  readonly gapMs: number;
}

export interface Folded extends Interval {
  readonly key: string;
  /** It joins none that was there before. */
  readonly isNew: boolean;
}

interface Stored {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/**
 * Adds intervals to those that a table has: makes new ones, extends some, joins others over a gap that is filled now.
 *
 * Whoever calls it holds a lock on a row of each key, so that no two do it for one key at a time.
 *
 * @returns the changed intervals as they are now
 */
export async function foldIntervals(
  tx: ProjectionTransaction,
  { table, key, amount, gapMs }: IntervalTable,
  added: ReadonlyMap<string, readonly Interval[]>,
): Promise<Folded[]> {
  const fresh = [...added].flatMap(([of, intervals]) =>
    mergeIntervals(intervals, gapMs).map((one) => ({ of, ...one })),
  );
  if (fresh.length === 0) return [];
  const touched = await tx.query<Stored>(
    `DELETE FROM "${table}" AS "old" USING unnest($1::text[], $2::bigint[], $3::bigint[]) AS "new" ("key", "from", "to")
     WHERE "old"."${key}" = "new"."key" AND "old"."ended_at" >= "new"."from" AND "old"."started_at" <= "new"."to"
     RETURNING "old"."${key}" AS "key", "old"."started_at" AS "from", "old"."ended_at" AS "to",
       ${amount ? `"old"."${amount}"` : 0} AS "amount"`,
    [fresh.map(({ of }) => of), fresh.map(({ from }) => from - gapMs), fresh.map(({ to }) => to + gapMs)],
  );
  const before = new Map<string, Interval[]>();
  for (const { key: of, from, to, amount: sum } of touched) {
    before.set(of, [...(before.get(of) ?? []), { from: Number(from), to: Number(to), amount: sum }]);
  }
  const now = [...added].flatMap(([of, intervals]) => {
    const old = before.get(of) ?? [];
    return mergeIntervals([...old, ...intervals], gapMs).map((merged): Folded => {
      return { key: of, ...merged, isNew: !old.some(({ from, to }) => from >= merged.from && to <= merged.to) };
    });
  });
  const columns: [name: string, type: string, values: unknown[]][] = [
    [key, 'text', now.map((one) => one.key)],
    ['started_at', 'bigint', now.map(({ from }) => from)],
    ['ended_at', 'bigint', now.map(({ to }) => to)],
    ...(amount ? [[amount, 'int', now.map((one) => one.amount)] as [string, string, number[]]] : []),
  ];
  await tx.query(
    `INSERT INTO "${table}" (${columns.map(([name]) => `"${name}"`).join(', ')})
     SELECT * FROM unnest(${columns.map(([, type], at) => `$${at + 1}::${type}[]`).join(', ')})`,
    columns.map(([, , values]) => values),
  );
  return now;
}

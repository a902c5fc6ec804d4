/**
 * A day has a partition of its own, made by the first record that needs it. Two kinds of rows do without, and are "strays":
 * of years in which no event was recorded, so that a broken clock makes no tables; and what a batch has beyond DAYS_AT_ONCE days,
 * because a transaction holds a lock on everything that it touches, and PostgreSQL's room for locks is one for all.
 * Housekeeping brings the latter home.
 */
import type { ProjectionTransaction } from '../runtime/projection.ts';
import { daysAfter } from './day.ts';

/** Partitions that one transaction touches, at most; each costs a lock for itself and for each of its indexes. */
export const DAYS_AT_ONCE = 32;

const FIRST_DAY = '2000-01-01';
const LAST_DAY = '2099-12-31';

/** Those that make partitions meet here: any number, but ours. */
const PARTITION_LOCK = 7743;

/** Of a batch's days, those whose rows go to partitions: the newest ones, and not too many. */
export function homesOf(days: Iterable<string>): Set<string> {
  const homely = [...days].filter((day) => day >= FIRST_DAY && day <= LAST_DAY);
  return new Set(homely.sort().slice(-DAYS_AT_ONCE));
}

export const partitionOf = (day: string): string => `events_${day.replaceAll('-', '')}`;

/** The day of a partition's name. */
export const dayNamed = (partition: string): string =>
  partition.replace(/^events_(\d{4})(\d{2})(\d{2})$/, (_, year: string, month: string, date: string) =>
    [year, month, date].join('-'),
  );

/** Makes the partitions that are missing. Must come before the transaction's other uses of "events": then nobody waits in a circle. */
export async function ensurePartitions(tx: ProjectionTransaction, days: Iterable<string>): Promise<void> {
  const wanted = [...days].sort();
  if ((await missing(tx, wanted)).length === 0) return;
  await tx.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
  for (const day of await missing(tx, wanted)) {
    const name = partitionOf(day);
    // Made and attached apart: CREATE TABLE … PARTITION OF would wait for every reader of the whole table.
    await tx.query(`CREATE TABLE "${name}" (LIKE "events" INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
    await tx.query(
      `ALTER TABLE "events" ATTACH PARTITION "${name}" FOR VALUES FROM ('${day} 00:00Z') TO ('${daysAfter(day)} 00:00Z')`,
    );
  }
}

async function missing(tx: ProjectionTransaction, days: readonly string[]): Promise<string[]> {
  const present = new Set(await tablesOf(tx, days.map(partitionOf)));
  return days.filter((day) => !present.has(partitionOf(day)));
}

async function tablesOf(tx: ProjectionTransaction, names: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `SELECT "relname" AS "name" FROM "pg_class"
     WHERE "relname" = ANY ($1::TEXT[]) AND "relnamespace" = quote_ident(current_schema())::regnamespace`,
    [names],
  );
  return rows.map(({ name }) => name);
}

/** The days that have a partition, oldest first. */
export async function partitionedDays(tx: Pick<ProjectionTransaction, 'query'>): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `SELECT "relname" AS "name" FROM "pg_inherits" JOIN "pg_class" ON "pg_class"."oid" = "inhrelid"
     WHERE "inhparent" = '"events"'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => dayNamed(name));
}

const STRAY_DAY = `("record_time" AT TIME ZONE 'UTC')::DATE`;

/** The days of strays, newest first. */
export async function strayDays(tx: Pick<ProjectionTransaction, 'query'>): Promise<string[]> {
  const rows = await tx.query<{ day: string }>(
    `SELECT DISTINCT ${STRAY_DAY}::TEXT AS "day" FROM "strays" ORDER BY 1 DESC`,
  );
  return rows.map(({ day }) => day);
}

/** Moves strays to partitions of their own, as many as one transaction should. */
export async function bringHome(tx: ProjectionTransaction): Promise<void> {
  const homes = [...homesOf(await strayDays(tx))];
  if (homes.length === 0) return;
  await ensurePartitions(tx, homes);
  await tx.query(
    `WITH "moved" AS (DELETE FROM "strays" WHERE ${STRAY_DAY} = ANY ($1::DATE[]) RETURNING *)
     INSERT INTO "events" SELECT * FROM "moved"`,
    [homes],
  );
}

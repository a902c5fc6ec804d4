import { Prisma } from '../prisma/generated/client.ts';
import type { Database } from '../prisma/database.ts';
import type { Change, Cursor } from './change.ts';

interface Row {
  readonly xid: string;
  readonly id: bigint;
  readonly kind: string;
  readonly data: string;
}

/** Only what no transaction that is still open can come in front of; see the migration. */
const SETTLED = Prisma.sql`"xid" < pg_snapshot_xmin(pg_current_snapshot())`;

/** The changes after a cursor, oldest first. */
export async function readChanges(database: Database, { xid, id }: Cursor, limit: number): Promise<Change[]> {
  const rows = await database.$queryRaw<Row[]>`
    SELECT "xid"::TEXT, "id", "kind", "data"::TEXT FROM "sagaline_engine"."live_changes"
    WHERE ("xid", "id") > (${String(xid)}::XID8, ${id}) AND ${SETTLED}
    ORDER BY "xid", "id" LIMIT ${limit}`;
  return rows.map((row) => ({ cursor: { xid: BigInt(row.xid), id: row.id }, kind: row.kind, data: row.data }));
}

/** Where somebody begins who wants only what comes: everything settled so far lies before it. */
export async function latestCursor(database: Database): Promise<Cursor> {
  const [row] = await database.$queryRaw<
    { xmin: string }[]
  >`SELECT pg_snapshot_xmin(pg_current_snapshot())::TEXT AS "xmin"`;
  // Ids begin with 1: below the first change that the oldest open transaction may write.
  return { xid: BigInt(row?.xmin ?? 0), id: 0n };
}

/** The oldest change that is kept; undefined when there is none. */
export async function oldestCursor(database: Database): Promise<Cursor | undefined> {
  const [row] = await database.$queryRaw<{ xid: string; id: bigint }[]>`
    SELECT "xid"::TEXT, "id" FROM "sagaline_engine"."live_changes" ORDER BY "xid", "id" LIMIT 1`;
  return row && { xid: BigInt(row.xid), id: row.id };
}

/** Deleted by one statement, whose time is bounded, at most. */
const AT_ONCE = 10_000;

/**
 * All but the newest, so that whoever comes back after a quiet hour can be told whether anything was missed. However many
 * there are, and whoever else does it at the same time.
 */
export async function removeOldChanges(database: Database, keepMs: number, atOnce = AT_ONCE): Promise<number> {
  let removed = 0;
  for (let some = atOnce; some >= atOnce; removed += some) {
    some = await database.$executeRaw`
      DELETE FROM "sagaline_engine"."live_changes" WHERE ("xid", "id") IN (
        SELECT "xid", "id" FROM "sagaline_engine"."live_changes"
        WHERE "created_at" < now() - ${keepMs}::DOUBLE PRECISION * INTERVAL '1 millisecond'
          AND ("xid", "id") < (SELECT "xid", "id" FROM "sagaline_engine"."live_changes" ORDER BY "xid" DESC, "id" DESC LIMIT 1)
        ORDER BY "created_at" LIMIT ${atOnce} FOR UPDATE SKIP LOCKED
      )`;
  }
  return removed;
}

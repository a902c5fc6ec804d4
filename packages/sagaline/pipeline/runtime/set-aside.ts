/** Records that a projection could not apply, kept by their place beside its tables: the view goes on without them. */
import type { Pool, PoolClient } from 'pg';
import { DatabaseError } from 'pg';
import type { ConsumedRecord } from '../../kafka/port.ts';
import { storableText } from '../../contracts/text.ts';
import { inTransaction, useSchema } from './transaction.ts';

/** `offset` is the place among all records that the partition ever had, see lives.ts; of several records, the last one's. */
export const SET_ASIDE = `
  CREATE TABLE IF NOT EXISTS "set_aside" (
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "records" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "set_aside_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY ("topic", "partition", "offset")
  )`;

export interface SetAside {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's. */
  readonly offset: string;
  readonly records: number;
  /** What was said when it was tried: a SQLSTATE or an error's name. Free of the record's values. */
  readonly reason: string;
}

/**
 * So many records of a partition were set aside one after the other that the fault is hardly theirs: the projection stops there,
 * rather than setting aside a topic for a bug of its own.
 */
export class TooManySetAside extends Error {
  override readonly name = 'TooManySetAside';
  constructor(projection: string, { topic, partition, offset, reason }: SetAside, limit: number, cause: unknown) {
    super(
      `projection ${projection} has set aside ${limit} records of partition ${partition} of ${topic} one after the other, and does ` +
        `not set aside that at offset ${offset} (${reason}): deploy a version that takes it; or, where the records are to blame, ` +
        'raise PIPELINE_SET_ASIDE_LIMIT until they are behind it',
      { cause },
    );
  }
}

/** Why a record could not be applied, without a word of its content: PostgreSQL's messages quote it, and V8's too. */
export function reasonOf(error: unknown): string {
  if (error instanceof DatabaseError) {
    const place = [error.table, error.column ?? error.constraint].filter((part) => part !== undefined).join('.');
    return `SQLSTATE ${error.code ?? 'unknown'}${place === '' ? '' : ` at ${place}`}`;
  }
  return storableText(error instanceof Error ? error.name : 'unknown', 200);
}

export async function noteSetAside(
  client: PoolClient,
  { topic, partition, records, reason }: SetAside,
  position: bigint,
): Promise<void> {
  await client.query(
    `INSERT INTO "set_aside" ("topic", "partition", "offset", "records", "reason") VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [topic, partition, position, records, reason],
  );
}

/** What the log holds in place of records that nobody can read, as it is noted. */
export function undecodableOf(record: ConsumedRecord): SetAside | undefined {
  const { topic, partition, offset, undecodable } = record;
  if (!undecodable) return undefined;
  const records = Number(BigInt(undecodable.lastOffset) - BigInt(undecodable.firstOffset)) + 1;
  return { topic, partition, offset, records, reason: `undecodable: ${undecodable.reason}` };
}

/** How many records a schema's projection has set aside; 0 where no pipeline of this version has opened it yet. */
export function countSetAside(pool: Pool, schema: string): Promise<number> {
  return inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT EXISTS (SELECT FROM "pg_tables" WHERE "schemaname" = $1 AND "tablename" = 'set_aside') AS "there"`,
      [schema],
    );
    if (!rows[0]?.there) return 0;
    const counted = await client.query<{ records: string | null }>(
      'SELECT sum("records") AS "records" FROM "set_aside"',
    );
    return Number(counted.rows[0]?.records ?? 0);
  });
}

/** The newest records that were set aside. */
export function listSetAside(pool: Pool, schema: string, limit: number): Promise<(SetAside & { at: Date })[]> {
  return inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    const { rows } = await client.query<Omit<SetAside, 'records'> & { records: string; at: Date }>(
      `SELECT "topic", "partition", "offset", "records", "reason", "set_aside_at" AS "at" FROM "set_aside"
       ORDER BY "set_aside_at" DESC, "topic", "partition", "offset" DESC LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ ...row, records: Number(row.records) }));
  });
}

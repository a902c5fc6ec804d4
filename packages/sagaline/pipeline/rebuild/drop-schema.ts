import { escapeIdentifier, type Pool } from 'pg';
import { inTransaction } from '../runtime/transaction.ts';

/**
 * Partitions dropped by one transaction. Each costs a lock for itself, its indexes and its TOAST table, and PostgreSQL's room
 * for locks is one for all: years of partitions at once would be refused, or would take the room from everybody else.
 */
const AT_ONCE = 50;

/** Drops a schema that nobody uses, if it is there; first its partitions, some at a time. May be repeated after a crash. */
export async function dropSchema(pool: Pool, schema: string): Promise<void> {
  while ((await dropSomePartitions(pool, schema)) > 0);
  await inTransaction(pool, async (client) => {
    // Said once for each object otherwise.
    await client.query('SET LOCAL client_min_messages = warning');
    await client.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`);
  });
}

function dropSomePartitions(pool: Pool, schema: string): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT "relname" AS "name" FROM "pg_class" JOIN "pg_namespace" ON "pg_namespace"."oid" = "relnamespace"
       WHERE "nspname" = $1 AND "relkind" = 'r' AND "relispartition" LIMIT $2`,
      [schema, AT_ONCE],
    );
    if (rows.length > 0) {
      const tables = rows.map(({ name }) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
      await client.query(`DROP TABLE ${tables.join(', ')}`);
    }
    return rows.length;
  });
}

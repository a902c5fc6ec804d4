/** A projection's schema in PostgreSQL: made when it is missing, refused when it is another version's. */
import { createHash } from 'node:crypto';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import { LIVES } from './lives.ts';
import { schemaOf, type Projection } from './projection.ts';
import { SET_ASIDE } from './set-aside.ts';
import { inTransaction, useSchema } from './transaction.ts';

/** The tables in the database were made by another version of the projection. */
export class ProjectionOutdated extends Error {
  override readonly name = 'ProjectionOutdated';
  constructor(projection: string) {
    super(
      `the tables of projection ${projection} were made by another version: npm run saga -- projection rebuild ${projection}`,
    );
  }
}

/** Two processes that start at once: one of them makes the schema. Any number, but ours. */
const SCHEMA_LOCK = 7742;

const OFFSETS = `
  CREATE TABLE "offsets" (
    "topic" TEXT NOT NULL,
    "partition" INTEGER NOT NULL,
    "next_offset" BIGINT NOT NULL,
    PRIMARY KEY ("topic", "partition")
  )`;

/** Tells one version of the tables from another. */
export function versionOf({ tables }: Projection): string {
  return createHash('sha256').update(tables.replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 16);
}

/**
 * Makes the projection's schema when it is missing. Idempotent, and safe at the same time in several processes.
 *
 * @throws ProjectionOutdated when it is there and has other tables
 */
export async function ensureSchema(pool: Pool, projection: Projection): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const version = await storedVersion(client, schemaOf(projection));
    if (version === undefined) return createSchema(client, projection, schemaOf(projection));
    if (version !== versionOf(projection)) throw new ProjectionOutdated(projection.name);
    await upgradeSchema(client, schemaOf(projection));
    await add(client, projection);
  });
}

/** Makes an empty schema of the projection's tables under the name of `schema`; fails when that is there. */
export async function createSchema(client: PoolClient, projection: Projection, schema: string): Promise<void> {
  await client.query(`CREATE SCHEMA ${escapeIdentifier(schema)}`);
  await client.query(`COMMENT ON SCHEMA ${escapeIdentifier(schema)} IS '${versionOf(projection)}'`);
  await useSchema(client, schema);
  await client.query(OFFSETS);
  await client.query(projection.tables);
  await upgradeSchema(client, schema);
  await add(client, projection);
}

/**
 * Columns of "offsets" that came later: what is there need not be rebuilt for them, and an archive could not be. An older version
 * that still runs beside does not see them.
 */
const LATER_COLUMNS: Readonly<Record<string, string>> = {
  topic_id: 'TEXT',
  base: 'BIGINT NOT NULL DEFAULT 0',
  aside_in_a_row: 'INTEGER NOT NULL DEFAULT 0',
};

/** Brings what the runtime keeps in a schema up to date, whatever the projection's version is. Idempotent, and cheap. */
export async function upgradeSchema(client: PoolClient, schema: string): Promise<void> {
  await useSchema(client, schema);
  const { rows } = await client.query<{ name: string }>(
    `SELECT "column_name" AS "name" FROM "information_schema"."columns" WHERE "table_schema" = $1 AND "table_name" = 'offsets'`,
    [schema],
  );
  // Looked at first, because even ADD COLUMN IF NOT EXISTS waits for everybody.
  for (const [name, type] of Object.entries(LATER_COLUMNS)) {
    if (!rows.some((column) => column.name === name)) {
      await client.query(`ALTER TABLE "offsets" ADD COLUMN "${name}" ${type}`);
    }
  }
  await create(client, LIVES);
  await create(client, SET_ASIDE);
}

async function add(client: PoolClient, { additions }: Projection): Promise<void> {
  if (additions !== undefined) await create(client, additions);
}

async function create(client: PoolClient, tables: string): Promise<void> {
  // What is there already is told each time otherwise.
  await client.query('SET LOCAL client_min_messages = warning');
  await client.query(tables);
}

/** The version that a schema was made by; undefined when there is none. */
export async function storedVersion(client: PoolClient, schema: string): Promise<string | undefined> {
  const { rows } = await client.query<{ version: string | null }>(
    `SELECT obj_description("oid", 'pg_namespace') AS "version" FROM "pg_namespace" WHERE "nspname" = $1`,
    [schema],
  );
  return rows[0] && (rows[0].version ?? '');
}

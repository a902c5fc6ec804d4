/**
 * The former layout had one history, and the engine's tables among the application's. Here they are brought to the engine's
 * schema, in one transaction: all of them or none, whatever happens. Only the catalogue changes, so it takes no longer for
 * millions of rows; their ids, their order and what waits in them stay.
 */
import { join } from 'node:path';
import { escapeIdentifier, type Client } from 'pg';
import { ENGINE_MIGRATIONS, ENGINE_SCHEMA } from './place.ts';
import { migrationNames, readMigration } from './run-migrations.ts';

/** The history of the former layout, closed for ever. */
export const FORMER_MIGRATIONS = join(import.meta.dirname, 'former');

/** What made the former layout, and what it is recognized by. */
const FIRST = '20261122000000_init';
/** The engine's migrations whose work is done by bringing along what there is. */
const SAME_AS_FORMER = { functions: '20261126000000_functions', tables: '20261126000100_tables' };

const TABLES = [
  'inbox',
  'sagas',
  'outbox',
  'dead_letters',
  'http_requests',
  'live_changes',
  'topic_lives',
  'installation_secrets',
];
const FUNCTIONS = [
  'append_outbox(text, text, text, text, jsonb, text, text)',
  'live_sagas()',
  'saga_lets_act(text)',
  'json_keeps(jsonb, jsonb)',
];

/** Processes that have nothing to do with the tables. */
const HARMLESS = ['sagaline-migrate', 'sagaline-health', 'sagaline-stack'];

/** Processes of the former version are connected. They would not find their tables any more, so they are stopped first. */
export class FormerProcessesRun extends Error {
  override readonly name = 'FormerProcessesRun';
  constructor(sessions: readonly string[]) {
    super(
      `the engine's tables move to a schema of their own, and processes of the version before are connected: ` +
        `${sessions.join(', ')}. Stop all gateways, workers, pipelines and all-in-ones, and migrate again: nothing was changed ` +
        '(docs/upgrade.md)',
    );
  }
}

/** Whether the application's schema still has the history of the former layout. */
export async function hasFormerLayout(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ table: string | null }>(
    `SELECT to_regclass(quote_ident(current_schema()) || '._prisma_migrations')::TEXT AS "table"`,
  );
  if (!rows[0]?.table) return false;
  const { rowCount } = await client.query('SELECT FROM "_prisma_migrations" WHERE "migration_name" = $1', [FIRST]);
  return (rowCount ?? 0) > 0;
}

/**
 * Schemas beside the application's that have the former layout, as far as this role may look. The former version did not read
 * `?schema=`: a URL that had it, and meant nothing, would begin anew beside all that there is.
 */
export async function formerLayoutsBeside(client: Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT nspname::TEXT AS "name" FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relname = '_prisma_migrations' AND relkind = 'r' AND nspname <> $1 AND nspname <> $2
       AND has_schema_privilege(pg_namespace.oid, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')
     ORDER BY 1`,
    [schema, ENGINE_SCHEMA],
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const history = `${escapeIdentifier(name)}."_prisma_migrations"`;
    const { rowCount } = await client.query(`SELECT FROM ${history} WHERE "migration_name" = $1`, [FIRST]);
    if ((rowCount ?? 0) > 0) found.push(name);
  }
  return found;
}

/**
 * Brings the engine's tables, functions and history along. The former history must have been applied as a whole.
 *
 * @param from the schema in which they are
 * @throws FormerProcessesRun
 */
export async function bringAlong(client: Client, from: string): Promise<void> {
  const here = escapeIdentifier(from);
  const [functions, tables] = await Promise.all([doneOf('functions'), doneOf('tables')]);
  await refuseFormerProcesses(client);
  await client.query('BEGIN');
  try {
    // Who starts now reads the history first, waits here, and then refuses to run. So whoever is connected afterwards was before.
    await client.query(
      `LOCK TABLE ${['_prisma_migrations', ...TABLES].map((table) => `${here}."${table}"`).join(', ')}`,
    );
    await refuseFormerProcesses(client);
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${ENGINE_SCHEMA}"`);
    // Indexes, sequences, triggers and constraints go with their tables.
    for (const table of TABLES) await client.query(`ALTER TABLE ${here}."${table}" SET SCHEMA "${ENGINE_SCHEMA}"`);
    for (const one of FUNCTIONS) await client.query(`ALTER FUNCTION ${here}.${one} SET SCHEMA "${ENGINE_SCHEMA}"`);
    await client.query(functions.sql);
    await moveHistory(client, here, [functions, tables]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

interface Done {
  readonly name: string;
  readonly sql: string;
}

async function doneOf(which: keyof typeof SAME_AS_FORMER): Promise<Done> {
  const name = SAME_AS_FORMER[which];
  return { name, sql: await readMigration(ENGINE_MIGRATIONS, name) };
}

/** The former rows become the beginning of the engine's history; what else the application's has (a fork's own) stays. */
async function moveHistory(client: Client, here: string, done: readonly Done[]): Promise<void> {
  const history = `"${ENGINE_SCHEMA}"."_prisma_migrations"`;
  await client.query(`CREATE TABLE ${history} (LIKE ${here}."_prisma_migrations" INCLUDING ALL)`);
  await client.query(
    `WITH "former" AS (DELETE FROM ${here}."_prisma_migrations" WHERE "migration_name" = ANY ($1) RETURNING *)
     INSERT INTO ${history} SELECT * FROM "former"`,
    [await migrationNames(FORMER_MIGRATIONS)],
  );
  for (const { name, sql } of done) {
    // As `prisma migrate resolve --applied` writes it.
    await client.query(
      `INSERT INTO ${history} ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count")
       VALUES (gen_random_uuid()::TEXT, encode(sha256(convert_to($1, 'UTF8')), 'hex'), $2, now(), now(), 0)`,
      [sql, name],
    );
  }
}

/** @throws FormerProcessesRun */
async function refuseFormerProcesses(client: Client): Promise<void> {
  const { rows } = await client.query<{ session: string }>(
    `SELECT "application_name" || ' (pid ' || "pid" || ')' AS "session" FROM "pg_stat_activity"
     WHERE "datname" = current_database() AND "application_name" LIKE 'sagaline%' AND NOT "application_name" = ANY ($1)
     ORDER BY 1`,
    [HARMLESS],
  );
  if (rows.length > 0) throw new FormerProcessesRun(rows.map(({ session }) => session));
}

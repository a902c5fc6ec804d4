/**
 * Two histories in one database, which never meet: the engine's, in a schema of its own, and the application's, in the one that
 * its connections have. The engine's comes first, because the application's tables may refer to it, and never the other way.
 */
import type { Client } from 'pg';
import { BOUNDS, createClient, createPool } from './connection.ts';
import { ENGINE_MIGRATIONS, ENGINE_SCHEMA } from './place.ts';
import { bringAlong, FORMER_MIGRATIONS, formerLayoutsBeside, hasFormerLayout } from './former.ts';
import { applyMigrations, type MigrationHistory } from './run-migrations.ts';

/** Any number, except 72707369, which is the schema engine's own. */
const MIGRATION_LOCK = 7741;

/** The database cannot be migrated as it is; says why, and what to do. */
export class CannotMigrate extends Error {
  override readonly name = 'CannotMigrate';
}

export interface MigrateOptions {
  /** Absolute path of the application's migrations; those of a team that applies its own with Prisma are none of ours. */
  readonly application?: string | undefined;
}

/**
 * Brings a database to this version, and returns the names of what was applied. Concurrent calls wait for each other. Of a
 * database of the former layout, the engine's tables are brought along with all that is in them.
 *
 * @param url its `schema`, or the role's search_path, says where the application's tables are
 * @throws CannotMigrate; FormerProcessesRun; the schema engine's error (P3018 and others) when a migration fails or history was
 *   changed
 */
export async function migrateDatabase(url: string, { application }: MigrateOptions = {}): Promise<string[]> {
  const connection = { url, applicationName: 'sagaline-migrate', bounds: BOUNDS.migration };
  const guard = createClient({ ...connection, bounds: { ...BOUNDS.migration, lockMs: BOUNDS.migration.statementMs } });
  await guard.connect();
  try {
    // The engine looks for half-done migrations before it takes its own lock: it would take another one's work for a wreck.
    await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const own = await schemaOf(guard);
    const applied: string[] = [];
    const apply = async (history: MigrationHistory) => applied.push(...(await applyTo(url, history)));

    if (await hasFormerLayout(guard)) {
      await apply({ directory: FORMER_MIGRATIONS, schema: own });
      await bringAlong(guard, own);
      applied.push(`the engine's tables to the schema ${ENGINE_SCHEMA}`);
    }
    await createEngineSchema(guard, own);
    await apply({ directory: ENGINE_MIGRATIONS, schema: ENGINE_SCHEMA });
    if (application) await apply({ directory: application, schema: own });
    return applied;
  } finally {
    // Ends the session, and with it the lock.
    await guard.end();
  }
}

async function applyTo(url: string, history: MigrationHistory): Promise<string[]> {
  const there = new URL(url);
  there.searchParams.set('schema', history.schema);
  const pool = createPool({ url: there.href, applicationName: 'sagaline-migrate', bounds: BOUNDS.migration, max: 10 });
  try {
    return await applyMigrations(pool, history);
  } finally {
    await pool.end();
  }
}

/** Where the application's tables are. */
async function schemaOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ role: string; schema: string | null }>(
    'SELECT current_user AS "role", current_schema() AS "schema"',
  );
  const { role, schema } = rows[0] ?? { role: '', schema: null };
  if (schema === null) {
    throw new CannotMigrate(
      'no schema of the search_path exists: create it, or say another one (?schema= in DATABASE_URL)',
    );
  }
  if (role === ENGINE_SCHEMA || schema === ENGINE_SCHEMA) {
    const which = role === ENGINE_SCHEMA ? 'role' : 'schema of the application';
    throw new CannotMigrate(`${ENGINE_SCHEMA} is the name of the engine's own schema: no ${which} may have it`);
  }
  return schema;
}

/**
 * Only where it is missing: the role needs the right to create schemas once.
 *
 * @throws CannotMigrate when there is a former layout that `own` does not lead to
 */
async function createEngineSchema(client: Client, own: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [ENGINE_SCHEMA]);
  if (rowCount !== 0) return;
  const [former] = await formerLayoutsBeside(client, own);
  if (former !== undefined) {
    throw new CannotMigrate(
      `the tables of the version before are in the schema ${former}, and those of the application would be in ${own}: say ` +
        `?schema=${former} in DATABASE_URL, or no schema, where the role's search_path leads to it (docs/upgrade.md)`,
    );
  }
  await client.query(`CREATE SCHEMA "${ENGINE_SCHEMA}"`);
}

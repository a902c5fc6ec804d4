import { fileURLToPath } from 'node:url';
import type { Database } from '../prisma/database.ts';
import { Prisma } from '../prisma/generated/client.ts';
import { ENGINE_MIGRATIONS } from '../prisma/place.ts';
import { migrationNames } from '../prisma/run-migrations.ts';
import type { App } from '../app/define-app.ts';
import { CannotStart } from '../ground/lifecycle.ts';

/** Where the database remembers each history: the application's in the schema that the connections have. */
const ENGINE = { directory: ENGINE_MIGRATIONS, applied: Prisma.sql`"sagaline_engine"."_prisma_migrations"` };
const APPLICATION = Prisma.sql`"_prisma_migrations"`;

/**
 * Refuses to run on tables that this version does not know.
 *
 * @throws CannotStart when the database does not answer, or lacks a migration
 */
export async function checkSchema(database: Database, { migrations }: Pick<App, 'migrations'>): Promise<void> {
  const missing: string[] = [];
  const histories = [ENGINE, ...(migrations ? [{ directory: fileURLToPath(migrations), applied: APPLICATION }] : [])];
  for (const { directory, applied } of histories) {
    const known = await appliedMigrations(database, applied);
    missing.push(...(await migrationNames(directory)).filter((name) => !known.has(name)));
  }
  if (missing.length === 0) return;
  throw new CannotStart(`the database lacks ${missing.join(', ')}: run the command migrate first (npm run migrate)`);
}

/** None when there is no table of migrations yet. */
async function appliedMigrations(database: Database, table: Prisma.Sql): Promise<Set<string>> {
  try {
    const rows = await database.$queryRaw<{ name: string }[]>`
      SELECT "migration_name" AS "name" FROM ${table} WHERE "finished_at" IS NOT NULL`;
    return new Set(rows.map(({ name }) => name));
  } catch (cause) {
    if (isUndefinedTable(cause)) return new Set();
    const reason = cause instanceof Error ? (cause.message.trim().split('\n').at(-1) ?? '') : String(cause);
    throw new CannotStart(`the database of DATABASE_URL cannot be used: ${reason}`, { cause });
  }
}

/** PostgreSQL 42P01. */
function isUndefinedTable(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.message.includes('42P01');
}

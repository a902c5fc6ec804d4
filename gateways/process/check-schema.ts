import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { CannotStart } from '../lifecycle.ts';

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations');

/**
 * Refuses to run on tables that this version does not know.
 *
 * @throws CannotStart when the database does not answer, or lacks a migration
 */
export async function checkSchema(database: Database): Promise<void> {
  const applied = await appliedMigrations(database);
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  const missing = entries.filter((entry) => entry.isDirectory() && !applied.has(entry.name)).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new CannotStart(
    `the database lacks ${missing.sort().join(', ')}: run the command migrate first (npm run migrate)`,
  );
}

/** None when there is no table of migrations yet. */
async function appliedMigrations(database: Database): Promise<Set<string>> {
  try {
    const rows = await database.$queryRaw<{ name: string }[]>`
      SELECT "migration_name" AS "name" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL`;
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

/**
 * Real Prisma migrations without Prisma's native schema engine: its WebAssembly build, over the driver that we use anyway.
 * `_prisma_migrations` is filled as by `prisma migrate deploy`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { Pool } from 'pg';
import { BOUNDS, createClient, createPool } from './connection.ts';
import { createMigrationAdapter } from './migration-adapter.ts';

/** Any number, except 72707369, which is the engine's own. */
const MIGRATION_LOCK = 7741;

const DIRECTORY = join(import.meta.dirname, 'migrations');

/** Instantiated once: the module has one memory. */
let loaded: Promise<void> | undefined;

/**
 * Applies the migrations that the database does not have yet, and returns their names. Concurrent calls wait for each other.
 *
 * @throws the engine's error (P3018 and others) when a migration fails or history was changed
 */
export async function migrateDatabase(url: string): Promise<string[]> {
  await (loaded ??= loadEngine());
  const connection = { url, applicationName: 'sagaline-migrate', bounds: BOUNDS.migration };
  const guard = createClient({ ...connection, bounds: { ...BOUNDS.migration, lockMs: BOUNDS.migration.statementMs } });
  await guard.connect();
  const pool = createPool({ ...connection, max: 10 });
  try {
    // The engine looks for half-done migrations before it takes its own lock: it would take another one's work for a wreck.
    await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await applyMigrations(pool);
  } finally {
    await pool.end();
    // Ends the session, and with it the lock.
    await guard.end();
  }
}

async function applyMigrations(pool: Pool): Promise<string[]> {
  const adapter = bindMigrationAwareSqlAdapterFactory(createMigrationAdapter(pool));
  const schemaEngine = await engine.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
  try {
    const { appliedMigrationNames } = await schemaEngine.applyMigrations({
      migrationsList: await readMigrations(),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } finally {
    schemaEngine.free();
  }
}

/** The part of the standard that is used here; TypeScript declares it only for browsers. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

async function loadEngine(): Promise<void> {
  // Node 20 imports no .wasm as a module, which is what the package's main file does.
  const path = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(await readFile(path), { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

async function readMigrations(): Promise<MigrationList> {
  const entries = await readdir(DIRECTORY, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return {
    baseDir: DIRECTORY,
    lockfile: { path: 'migration_lock.toml', content: await readFile(join(DIRECTORY, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(join(DIRECTORY, name, 'migration.sql'), 'utf8') },
        },
      })),
    ),
  };
}

/**
 * Real Prisma migrations without Prisma's native schema engine: its WebAssembly build, over the driver that we use anyway.
 * `_prisma_migrations` is filled as by `prisma migrate deploy`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { Pool } from 'pg';
import { createMigrationAdapter } from './migration-adapter.ts';

/** Migrations in a folder, and the PostgreSQL schema in which they are applied and remembered. */
export interface MigrationHistory {
  /** Absolute path: a folder for each migration, and migration_lock.toml. */
  readonly directory: string;
  readonly schema: string;
}

/** Instantiated once: the module has one memory. */
let loaded: Promise<void> | undefined;

/**
 * Applies those of a history that its schema does not have yet, and returns their names.
 *
 * @param pool whose search_path is the history's schema
 * @throws the engine's error (P3018 and others) when a migration fails or history was changed
 */
export async function applyMigrations(pool: Pool, { directory, schema }: MigrationHistory): Promise<string[]> {
  const schemaEngine = await openSchemaEngine(createMigrationAdapter(pool, schema));
  try {
    const { appliedMigrationNames } = await schemaEngine.applyMigrations({
      migrationsList: await readMigrations(directory),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } finally {
    schemaEngine.free();
  }
}

/** Prisma's schema engine on connections of ours. Free it in the end; the pool stays open. */
export async function openSchemaEngine(connections: PrismaPg): Promise<engine.SchemaEngine> {
  await (loaded ??= loadEngine());
  const adapter = bindMigrationAwareSqlAdapterFactory(connections);
  return engine.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
}

/** Names of the migrations in a folder, oldest first. */
export async function migrationNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** The SQL of one migration. */
export function readMigration(directory: string, name: string): Promise<string> {
  return readFile(join(directory, name, 'migration.sql'), 'utf8');
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

async function readMigrations(directory: string): Promise<MigrationList> {
  return {
    baseDir: directory,
    lockfile: {
      path: 'migration_lock.toml',
      content: await readFile(join(directory, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      (await migrationNames(directory)).map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readMigration(directory, name) },
        },
      })),
    ),
  };
}

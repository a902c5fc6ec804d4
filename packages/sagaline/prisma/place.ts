import { join } from 'node:path';

/**
 * The PostgreSQL schema of the engine's tables and functions. Every statement names it, because it may run in a transaction of
 * somebody else, whose search_path is anybody's. No role may have this name: `"$user"` would resolve to the schema.
 */
export const ENGINE_SCHEMA = 'sagaline_engine';

/** Absolute path of the engine's migrations. */
export const ENGINE_MIGRATIONS = join(import.meta.dirname, 'migrations');

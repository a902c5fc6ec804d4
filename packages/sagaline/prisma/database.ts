import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { createPool, type SessionBounds } from './connection.ts';
import { PrismaClient, type Prisma } from './generated/client.ts';
import { ENGINE_SCHEMA } from './place.ts';
import type { SqlDatabase } from './sql-database.ts';

/**
 * The database as the engine has it, with its tables as models; applications are given a `SqlDatabase`. Raw statements may name
 * the application's tables without a schema: the search_path is the application's.
 */
export type Database = PrismaClient;

/** What a function takes that must run inside its caller's transaction. */
export type Transaction = Prisma.TransactionClient;

export interface DatabaseOptions {
  /** postgresql://user:password@host:port/database */
  readonly url: string;
  /** Connections in the pool. */
  readonly poolSize: number;
  /** How long a query waits for a free connection before it fails, in ms. */
  readonly acquireTimeoutMs: number;
  /** As it stands in pg_stat_activity. */
  readonly applicationName?: string;
  /** `BOUNDS.ordinary` unless said. */
  readonly bounds?: SessionBounds;
  /** Told of a connection that broke. */
  readonly onError?: (error: Error) => void;
}

/** What a database is made on. */
export interface Ground {
  /** Of node-postgres; its opener ends it. */
  readonly pool: Pool;
  /** Where the application's tables are, if the URL says it (`?schema=`). */
  readonly schema?: string;
}

const grounds = new WeakMap<SqlDatabase, Ground>();

/** Opens the pool lazily; call `$disconnect()` to close it. */
export function createDatabase({
  poolSize,
  acquireTimeoutMs,
  applicationName = 'sagaline',
  ...rest
}: DatabaseOptions): Database {
  const pool = createPool({ ...rest, applicationName, max: poolSize, connectTimeoutMs: acquireTimeoutMs });
  const adapter = new PrismaPg(pool, { disposeExternalPool: true, schema: ENGINE_SCHEMA });
  const database = new PrismaClient({ adapter, transactionOptions: { maxWait: acquireTimeoutMs, timeout: 10_000 } });
  const schema = new URL(rest.url).searchParams.get('schema');
  grounds.set(database, { pool, ...(schema !== null && { schema }) });
  return database;
}

/**
 * The connections of a database, for a client that an application generated from its own schema. They end with the database.
 *
 * @throws TypeError when the engine did not make the database
 */
export function groundOf(database: SqlDatabase): Ground {
  const ground = grounds.get(database);
  if (!ground) throw new TypeError('the engine did not make this database: its connections are not known');
  return ground;
}

import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { createPool, type SessionBounds } from './connection.ts';
import { PrismaClient, type Prisma } from './generated/client.ts';
import { ENGINE_SCHEMA } from './place.ts';

/**
 * The database, with the engine's tables as models. Raw statements may name the application's tables without a schema: the
 * search_path is the application's.
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
  readonly pool: Pool;
  /** Where the application's tables are, if the URL says it (`?schema=`). */
  readonly schema?: string;
}

const grounds = new WeakMap<Database, Ground>();

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
 * @throws TypeError when the database was not made by `createDatabase`
 */
export function groundOf(database: Database): Ground {
  const ground = grounds.get(database);
  if (!ground) throw new TypeError('this database was not made by createDatabase: its connections are not known');
  return ground;
}

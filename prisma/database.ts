import { PrismaPg } from '@prisma/adapter-pg';
import { createPool, type SessionBounds } from './connection.ts';
import { PrismaClient, type Prisma } from './generated/client.ts';

/** The database, typed from schema.prisma. */
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

/** Opens the pool lazily; call `$disconnect()` to close it. */
export function createDatabase({
  poolSize,
  acquireTimeoutMs,
  applicationName = 'sagaline',
  ...rest
}: DatabaseOptions): Database {
  const pool = createPool({ ...rest, applicationName, max: poolSize, connectTimeoutMs: acquireTimeoutMs });
  const adapter = new PrismaPg(pool, { disposeExternalPool: true });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: acquireTimeoutMs, timeout: 10_000 } });
}

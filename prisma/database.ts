import { PrismaPg } from '@prisma/adapter-pg';
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
}

/** Opens the pool lazily; call `$disconnect()` to close it. */
export function createDatabase({ url, poolSize, acquireTimeoutMs }: DatabaseOptions): Database {
  const adapter = new PrismaPg({ connectionString: url, max: poolSize, connectionTimeoutMillis: acquireTimeoutMs });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: acquireTimeoutMs, timeout: 10_000 } });
}

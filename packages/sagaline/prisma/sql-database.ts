import type { Prisma } from './generated/client.ts';

/** What runs statements: the database, or a transaction of it. Values are bound, never pasted into the text. */
export interface SqlTransaction {
  /** `` tx.$queryRaw<Row[]>`SELECT …` ``; resolves to the rows. */
  $queryRaw<Rows = unknown>(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<Rows>;
  /** Resolves to the number of rows that it changed. */
  $executeRaw(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<number>;
  /** For text that is put together elsewhere, with `$1`, `$2` …; nothing that came from outside may be in it. */
  $queryRawUnsafe<Rows = unknown>(sql: string, ...values: unknown[]): Promise<Rows>;
}

/**
 * The database by SQL: statements name the application's tables without a schema. The engine's own tables are none of its
 * business, so there are no models; who wants models of its own makes a Prisma client on `groundOf`.
 */
export interface SqlDatabase extends SqlTransaction {
  /**
   * Runs several statements as one: all hold, or none does, when `work` throws.
   *
   * @param options `maxWait`: for a free connection, in ms; `timeout`: for all of it, in ms, 10 seconds unless told
   */
  $transaction<Result>(
    work: (tx: SqlTransaction) => Promise<Result>,
    options?: { maxWait?: number; timeout?: number },
  ): Promise<Result>;
}

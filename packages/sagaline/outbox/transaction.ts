/** A transaction of anybody's, by what it can do: no driver is imported, and none is asked for. */

/** Prisma's, of any client. */
export interface PrismaTransaction {
  /** Resolves to the rows. */
  $queryRawUnsafe<Rows = unknown>(sql: string, ...values: unknown[]): PromiseLike<Rows>;
}

/** pg's: a client on which BEGIN was said. A pool is none, because each of its queries may have another connection. */
export interface PgTransaction {
  /** One statement, with `$1`, `$2` … for its values. */
  query(sql: string, values: unknown[]): PromiseLike<{ readonly rows: unknown[] }>;
  /** What tells a client from a pool. */
  escapeIdentifier(name: string): string;
}

/** In which something is to be true together with the caller's own changes. */
export type AnyTransaction = PrismaTransaction | PgTransaction;

/** Runs one statement in a transaction. Values have to be text, numbers, booleans or null, and casts in the SQL say their types. */
export async function queryIn<Row>(
  tx: AnyTransaction,
  sql: string,
  values: readonly (string | number | boolean | null)[],
): Promise<Row[]> {
  if ('$queryRawUnsafe' in tx) return tx.$queryRawUnsafe<Row[]>(sql, ...values);
  const { rows } = await tx.query(sql, [...values]);
  return rows as Row[];
}

/** Transactions in the schema of a projection. */
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import type { ProjectionTransaction } from './projection.ts';

/** Until the end of the transaction, names without a schema are looked up there first. */
export async function useSchema(client: PoolClient, schema: string): Promise<void> {
  await client.query(`SELECT set_config('search_path', $1, true)`, [`${escapeIdentifier(schema)}, public`]);
}

/** Runs `work` in a transaction on a connection of its own; what it throws rolls everything back. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // A connection on which even ROLLBACK fails is of no use to anybody.
    const useless = await client.query('ROLLBACK').then(
      () => undefined,
      () => true,
    );
    client.release(useless);
    throw error;
  }
}

/** The transaction as a projection sees it. */
export function transactionOf(client: PoolClient, live: boolean): ProjectionTransaction {
  return {
    live,
    async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
      const { rows } = await client.query<Row>(sql, [...values]);
      return rows;
    },
  };
}

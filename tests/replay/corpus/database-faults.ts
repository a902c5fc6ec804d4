import { Client, escapeIdentifier } from 'pg';
import { until } from './until.ts';

/** Nobody can use the table while `work` runs. */
export async function breakTable(databaseUrl: string, table: string, work: () => Promise<unknown>): Promise<void> {
  const [name, hidden] = [escapeIdentifier(table), escapeIdentifier(`${table}_hidden`)];
  const client = await connect(databaseUrl);
  try {
    await client.query(`ALTER TABLE ${name} RENAME TO ${hidden}`);
    await work().finally(() => client.query(`ALTER TABLE ${hidden} RENAME TO ${name}`));
  } finally {
    await client.end();
  }
}

/**
 * Inserts a saga's row in a transaction that stays open, so that whoever claims that row has to wait; `release` rolls back, and
 * the claim goes on as if nothing had been there.
 */
export async function holdSagaRow(databaseUrl: string, workflowId: string) {
  const client = await connect(databaseUrl);
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO "sagaline_engine"."sagas" ("workflow_id", "name", "saga_id", "state", "event_id", "payload_hash", "topic", "partition", "offset")
     VALUES ($1, 'held', 'held', 'running', 'held', '', 'held', 0, 0)`,
    [workflowId],
  );
  return {
    untilWanted: () =>
      until(`somebody waits for the row of ${workflowId}`, async () => {
        const { rowCount } = await client.query(
          `SELECT FROM pg_locks
           WHERE NOT granted AND locktype = 'transactionid' AND transactionid = pg_current_xact_id()::xid`,
        );
        return rowCount !== null && rowCount > 0;
      }),
    async release(): Promise<void> {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
}

async function connect(databaseUrl: string): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl });
  // A server that goes away fails the next query; nobody needs to hear of it before.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

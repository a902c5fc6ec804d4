/** That lists are read by an index, however large their tables are, and however few rows fit. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listDeadLetters } from '../../../packages/sagaline/http/dead-letters/list.ts';
import { listSagas } from '../../../packages/sagaline/http/sagas/list.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';

const ROWS = 100_000;

let testDatabase: TestDatabase;
let database: Database;
let client: Client;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 2, acquireTimeoutMs: 5_000 });
  client = new Client({ connectionString: testDatabase.url });
  await client.connect();
  await client.query('ALTER TABLE "sagaline_engine"."sagas" DISABLE TRIGGER "live_sagas_inserted"');
  await client.query(
    `INSERT INTO "sagaline_engine"."sagas" ("workflow_id", "name", "saga_id", "state", "parked", "event_id", "payload_hash", "topic", "partition", "offset", "delivered", "created_at")
     SELECT 'orderSaga:' || n, CASE WHEN n <= 3 THEN 'rareSaga' ELSE 'orderSaga' END, n::TEXT, 'completed', '{}', n::TEXT, '', 't', 0, n, '{}',
            now() - n * INTERVAL '1 second' FROM generate_series(1, ${ROWS}) AS n`,
  );
  await client.query(
    `INSERT INTO "sagaline_engine"."dead_letters" ("topic", "partition", "offset", "headers", "reason", "path", "message", "record_time")
     SELECT CASE WHEN n <= 3 THEN 'rare' ELSE 'often' END, 0, n, '{}', CASE WHEN n <= 3 THEN 'too-deep' ELSE 'invalid-json' END, '', '', now()
     FROM generate_series(1, ${ROWS}) AS n`,
  );
  await client.query('ANALYZE "sagaline_engine"."sagas", "sagaline_engine"."dead_letters"');
});
afterAll(async () => {
  await client.end();
  await database.$disconnect();
  await testDatabase.close();
});

describe('a page of few among many', () => {
  test('of sagas of one name', async () => {
    const { items } = await listSagas(database, { name: 'rareSaga', limit: 50 });
    expect(items).toHaveLength(3);
    expect(
      await planOf(
        `SELECT * FROM "sagaline_engine"."sagas" WHERE "name" = 'rareSaga' ORDER BY "created_at" DESC, "workflow_id" DESC LIMIT 51`,
      ),
    ).toContain('sagas_name_created_at_workflow_id_idx');
  });

  test.each([
    [{ topic: 'rare' }, 'dead_letters_topic_id_idx'],
    [{ reason: 'too-deep' }, 'dead_letters_reason_id_idx'],
  ])('of dead letters of %j', async (filter, index) => {
    expect((await listDeadLetters(database, { ...filter, limit: 50 })).items).toHaveLength(3);
    const [[column, value] = []] = Object.entries(filter);
    expect(
      await planOf(
        `SELECT * FROM "sagaline_engine"."dead_letters" WHERE "${column ?? ''}" = '${value ?? ''}' ORDER BY "id" DESC LIMIT 51`,
      ),
    ).toContain(index);
  });
});

/** What the server did, with how many rows it read for it. */
async function planOf(sql: string): Promise<string> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, COSTS OFF) ${sql}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).not.toContain('Seq Scan');
  expect(plan).not.toMatch(/Rows Removed by Filter: [0-9]{3,}/);
  return plan;
}

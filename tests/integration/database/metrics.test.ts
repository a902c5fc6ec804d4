/** What metrics ask of a database that does not answer. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMetrics } from '../../../packages/sagaline/process/metrics/metrics.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 5, acquireTimeoutMs: 5_000 });
});
afterAll(async () => {
  await database.$disconnect();
  await testDatabase.close();
});

test('scrapes of a database that is slow ask it one question, not one each, and are answered', async () => {
  const [holder, watcher] = [testDatabase.url, testDatabase.url].map(
    (connectionString) => new Client({ connectionString }),
  );
  await Promise.all([holder?.connect(), watcher?.connect()]);
  const metrics = createMetrics(database);
  await database.$executeRaw`
    INSERT INTO "sagaline_engine"."sagas" ("workflow_id", "name", "saga_id", "state", "parked", "event_id", "payload_hash", "topic", "partition", "offset")
    VALUES ('orderSaga:o-1', 'orderSaga', 'o-1', 'running', '{}', 'e-1', '', 't', 0, 0)`;
  await holder?.query('BEGIN; LOCK TABLE "sagaline_engine"."sagas" IN ACCESS EXCLUSIVE MODE');
  for (let scrape = 0; scrape < 4; scrape++) {
    expect(await metrics.render()).not.toContain('sagaline_sagas_open{');
    const waiting = await watcher?.query(
      `SELECT FROM "pg_stat_activity" WHERE "datname" = current_database() AND "wait_event_type" = 'Lock'`,
    );
    expect(waiting?.rowCount).toBe(1);
  }
  await holder?.query('ROLLBACK');
  await expect
    .poll(() => metrics.render(), { timeout: 30_000 })
    .toContain('sagaline_sagas_open{saga="orderSaga",state="running"} 1');
  await Promise.all([holder?.end(), watcher?.end()]);
}, 60_000);

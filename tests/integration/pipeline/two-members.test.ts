/** Two members have records of one user, or service, at the same time: a producer gave no keys. The second waits for the first. */
import type { Pool, PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBehaviour } from '../../../gateways/pipeline/behaviour/projection.ts';
import { createLogs } from '../../../gateways/pipeline/logs/projection.ts';
import type { Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import type { EventType } from '../../../workflows/events.ts';
import { eventually } from '../../support/kafka.ts';
import { eventOf } from '../../support/recorded-events.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { inTransaction, transactionOf, useSchema } from '../../../packages/sagaline/pipeline/runtime/transaction.ts';

/** The first millisecond of a day: one record before it and one after share no other row than the one that is locked. */
const MIDNIGHT = Date.parse('2026-03-01T00:00:00Z');

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 4);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

/** Applies one record before midnight, and before that is committed, one after midnight; returns the rows of a table. */
async function meet(projection: Projection, type: EventType, payload: object, table: string): Promise<object[]> {
  await inTransaction(pool, (client) => createSchema(client, projection, projection.name));
  const begin = async (): Promise<PoolClient> => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await useSchema(client, projection.name);
    return client;
  };
  const [first, second] = [await begin(), await begin()];
  const apply = (client: PoolClient, time: number, partition: number) =>
    projection.apply(transactionOf(client, false), [eventOf(type, payload, { time, partition })]);
  try {
    await apply(first, MIDNIGHT - 1, 0);
    let isDone = false;
    const applied = apply(second, MIDNIGHT, 1).finally(() => (isDone = true));
    await eventually(async () => {
      const { rows } = await pool.query(
        `SELECT FROM pg_stat_activity WHERE "datname" = current_database() AND "wait_event_type" = 'Lock'`,
      );
      expect(isDone || rows.length > 0).toBe(true);
    });
    await first.query('COMMIT');
    await applied;
    await second.query('COMMIT');
  } finally {
    first.release();
    second.release();
  }
  return (await pool.query<{ row: object }>(`SELECT to_json(t) AS "row" FROM "${projection.name}"."${table}" t`)).rows;
}

test('a session that two members extend is one', async () => {
  const activity = { userId: 'u-1', action: 'login' };
  const sessions = await meet(createBehaviour({ sessionGapMs: 10 }), 'user.activity', activity, 'sessions');
  expect(sessions).toEqual([{ row: { user_id: 'u-1', started_at: MIDNIGHT - 1, ended_at: MIDNIGHT, activities: 2 } }]);
});

test('a burst whose errors two members have is found', async () => {
  const settings = { retentionMs: 1e12, burst: { threshold: 2, windowMs: 1_000 } };
  const line = { service: 'web', level: 'error', message: 'm' };
  const bursts = await meet(createLogs(settings), 'service.log', line, 'bursts');
  expect(bursts).toEqual([{ row: { service: 'web', started_at: MIDNIGHT - 900, ended_at: MIDNIGHT + 100 } }]);
});

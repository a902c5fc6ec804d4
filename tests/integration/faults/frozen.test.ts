/** What is frozen, and not dead: nobody is told, no connection breaks, and the others must go on all the same. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/kafka.ts';
import { freeze } from '../../support/frozen-backend.ts';
import { testEnvironment } from '../../support/stack.ts';
import { orderRecord, orderSagaOf } from '../ingest/support/records.ts';
import { anOrderId, createWorld } from '../ingest/support/world.ts';
import { createPipelineWorld, type PipelineWorld } from '../pipeline/support/world.ts';

async function connected(databaseUrl: string): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** A backend that waits for a lock in a statement of this kind; once there is one. Within a transaction, others seem to stand still. */
async function waitingBackend(databaseUrl: string, statement: string): Promise<number> {
  const watcher = await connected(databaseUrl);
  let pid = 0;
  await eventually(async () => {
    const { rows } = await watcher.query<{ pid: number }>(
      `SELECT "pid" FROM "pg_stat_activity"
       WHERE "datname" = current_database() AND "wait_event_type" = 'Lock' AND position($1 IN "query") > 0`,
      [statement],
    );
    expect(rows.length).toBeGreaterThan(0);
    pid = rows[0]?.pid ?? 0;
  });
  return pid;
}

test(
  'a backend, in a statement of ingest: the statement is given up, and its records are taken',
  { timeout: 120_000 },
  async () => {
    const world = await createWorld();
    try {
      const client = await connected(world.environment.DATABASE_URL);
      await world.startIngest();
      const [first, second] = [anOrderId(), anOrderId()];
      await client.query('BEGIN; LOCK TABLE "sagaline_engine"."inbox" IN SHARE MODE');
      await world.produce(orderRecord(first));
      const thaw = await freeze(await waitingBackend(world.environment.DATABASE_URL, 'arrival'));
      try {
        await client.query('ROLLBACK');
        await world.produce(orderRecord(second));
        for (const orderId of [first, second]) {
          const states = async () => (await world.inboxOf(orderSagaOf(orderId))).map(({ state }) => state);
          await eventually(async () => expect(await states()).toEqual(['started']));
        }
      } finally {
        await thaw();
      }
      expect(await world.database.saga.count()).toBe(2);
    } finally {
      await world.close();
    }
  },
);

describe('a member of the pipeline, in a transaction', () => {
  test('loses its row of offsets to another, and does no harm when it thaws', { timeout: 180_000 }, async () => {
    const world = await createPipelineWorld({ topics: ['user.activity'] });
    onTestFinished(() => world.close());
    const client = await connected(world.databaseUrl);
    const frozen = await launch(world);
    await produce(world, 10);
    await world.applied({ name: 'statistics' }, 10);

    await client.query('BEGIN; LOCK TABLE "projection_statistics"."counts" IN ACCESS EXCLUSIVE MODE');
    await produce(world, 1);
    await waitingBackend(world.databaseUrl, '');
    frozen.kill('SIGSTOP');
    await client.query('ROLLBACK');
    // The row stays locked now, by a transaction in which nothing will happen.
    const idle = `SELECT FROM "pg_stat_activity" WHERE "datname" = current_database() AND "state" = 'idle in transaction'`;
    await eventually(async () => expect((await client.query(idle)).rowCount).toBeGreaterThan(0));

    await launch(world);
    await produce(world, 20);
    await eventually(() => world.applied({ name: 'statistics' }, 31), 100_000);
    frozen.kill('SIGCONT');
    await produce(world, 10);
    await world.applied({ name: 'statistics' }, 41);
    const rows = await world.rows<{ value: number }>(
      { name: 'statistics' },
      `SELECT sum("value")::INT AS "value" FROM "counts" WHERE "window_ms" = 3600000 AND "measure" = 'activities'`,
    );
    expect(rows).toEqual([{ value: 41 }]);
    expect([frozen.exitCode, frozen.signalCode]).toEqual([null, null]);
  });
});

/** A pipeline in a process of its own, once it runs; it is killed after the test. */
async function launch(world: PipelineWorld) {
  const script = join(import.meta.dirname, '../pipeline/support/pipeline-process.ts');
  const own = { DATABASE_URL: world.databaseUrl, KAFKA_GROUP_ID: world.prefix };
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, ...testEnvironment(own) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve();
    });
  });
  return child;
}

function produce(world: PipelineWorld, count: number): Promise<void> {
  const payload = { userId: 'u-1', action: 'login', at: '2026-03-01T12:00:00Z' };
  return world.produce(...Array.from({ length: count }, () => ({ type: 'user.activity' as const, payload })));
}

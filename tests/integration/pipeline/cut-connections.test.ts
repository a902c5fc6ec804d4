/** PostgreSQL drops connections in mid-transaction, as a failover or an operator does: the process lives, and counts are exact. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEnvironment } from '../../support/stack.ts';
import { createPipelineWorld, type PipelineWorld } from './support/world.ts';

const statistics = { name: 'statistics' };
const SCRIPT = join(import.meta.dirname, 'support', 'pipeline-process.ts');
const CUTS = 8;
const MAX_ROUNDS = 100;
const RECORDS_A_ROUND = 1_000;

let world: PipelineWorld;
let child: ChildProcess | undefined;

beforeAll(async () => {
  world = await createPipelineWorld({ topics: ['user.activity'] });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await world.close();
});

async function launch(): Promise<ChildProcess> {
  const environment = testEnvironment({ DATABASE_URL: world.databaseUrl, KAFKA_GROUP_ID: world.prefix });
  const started = spawn(process.execPath, ['--import', 'tsx', SCRIPT], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(started, 'exit').then(([code]) => {
    throw new Error(`the pipeline ended with code ${String(code)}`);
  });
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: started.stdout }).on('line', (line) => {
      if (line === 'ready') resolve();
    });
  });
  await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  return started;
}

/** Ends the sessions that are in a transaction at this moment. @returns how many */
async function cut(): Promise<number> {
  const { rowCount } = await world.pool.query(
    `SELECT pg_terminate_backend("pid") FROM "pg_stat_activity"
     WHERE "datname" = current_database() AND "application_name" = 'sagaline-pipeline' AND "xact_start" IS NOT NULL`,
  );
  return rowCount ?? 0;
}

async function produce(round: number): Promise<void> {
  const events = Array.from({ length: RECORDS_A_ROUND }, (_, index) => ({
    type: 'user.activity' as const,
    payload: { userId: `u-${index % 50}`, action: `a-${(round + index) % 7}`, at: '2026-03-01T12:00:00Z' },
  }));
  await world.produce(...events);
}

test('a pipeline whose connections are cut in mid-transaction lives, and counts each record once', async () => {
  child = await launch();
  let [cuts, produced] = [0, 0];
  for (let round = 0; cuts < CUTS && round < MAX_ROUNDS; round++) {
    await produce(round);
    produced += RECORDS_A_ROUND;
    // Batches of this round are being applied: until one has been cut.
    for (let looks = 0; looks < 300; looks++) {
      const ended = await cut();
      cuts += ended;
      if (ended > 0) break;
    }
    expect(child.exitCode).toBeNull();
  }
  expect(cuts).toBeGreaterThanOrEqual(CUTS);
  await world.applied(statistics, produced);
  const rows = await world.rows<{ value: number }>(
    statistics,
    `SELECT sum("value")::INT AS "value" FROM "counts" WHERE "window_ms" = 3600000 AND "measure" = 'activities'`,
  );
  expect(rows).toEqual([{ value: produced }]);
  expect(child.exitCode).toBeNull();
}, 300_000);

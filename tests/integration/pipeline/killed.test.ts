/** kill -9 at any instant: what the statistics say is what an independent count of the topic says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEnvironment } from '../../support/stack.ts';
import { collect } from '../../support/kafka.ts';
import { createPipelineWorld, type PipelineWorld } from './support/world.ts';

const statistics = { name: 'statistics' };
const SCRIPT = join(import.meta.dirname, 'support', 'pipeline-process.ts');

let world: PipelineWorld;
const running = new Set<ChildProcess>();
let produced = 0;

beforeAll(async () => {
  world = await createPipelineWorld({ topics: ['user.activity'] });
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await world.close();
});

async function produce(count: number): Promise<void> {
  const payloads = Array.from({ length: count }, (_, index) => ({
    userId: `u-${index % 50}`,
    action: `a-${index % 7}`,
    at: '2026-03-01T12:00:00Z',
  }));
  await world.produce(...payloads.map((payload) => ({ type: 'user.activity' as const, payload })));
  produced += count;
}

/** Starts a process that is killed once it has said `applied` a number of times, or at a failpoint. */
async function launch({ failpoint = '', afterBatches = Infinity } = {}) {
  const environment = testEnvironment({
    DATABASE_URL: world.databaseUrl,
    KAFKA_GROUP_ID: world.prefix,
    SAGALINE_FAILPOINTS: failpoint,
  });
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const dead = once(child, 'exit').then(([, signal]) => {
    running.delete(child);
    return signal as NodeJS.Signals | null;
  });
  let applied = 0;
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve();
      if (line === 'applied' && ++applied >= afterBatches) child.kill('SIGKILL');
    });
  });
  await Promise.race([ready, dead]);
  return { child, dead };
}

/** What everybody can count who reads the topic. */
async function countOfTopic(): Promise<Map<string, number>> {
  const seen = await collect(world.kafka, 'user.activity');
  await expect.poll(() => seen.records.length, { timeout: 50_000 }).toBe(produced);
  await seen.close();
  const counts = new Map<string, number>();
  for (const { value } of seen.records) {
    const { action } = JSON.parse(String(value)) as { action: string };
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  return counts;
}

test(
  'killed again and again, alone and as one of two, the statistics count each record once',
  { timeout: 300_000 },
  async () => {
    await produce(3_000);
    for (const end of [
      { failpoint: 'projection.before-commit' },
      { failpoint: 'projection.after-commit' },
      { afterBatches: 1 },
      { afterBatches: 4 },
    ]) {
      const doomed = await launch(end);
      await produce(1_000);
      expect(await doomed.dead).toBe('SIGKILL');
    }
    // Two members; the one that dies leaves its partitions to the other.
    const survivor = await launch();
    const doomed = await launch({ afterBatches: 2 });
    await produce(3_000);
    await Promise.race([doomed.dead, world.applied(statistics, produced)]);
    doomed.child.kill('SIGKILL');
    await doomed.dead;

    await world.applied(statistics, produced);
    const rows = await world.rows<{ label: string; value: number }>(
      statistics,
      `SELECT "label", sum("value")::INT AS "value" FROM "counts"
     WHERE "window_ms" = 3600000 AND "measure" = 'activities' GROUP BY "label"`,
    );
    expect(new Map(rows.map(({ label, value }) => [label, value]))).toEqual(await countOfTopic());
    survivor.child.kill('SIGKILL');
    await survivor.dead;
  },
);

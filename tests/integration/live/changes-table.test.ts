/** The table behind GET /v1/live without anybody who reads it: what keeps it small, and what hears of it. */
import { getEventListeners, once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { removeOldChanges } from '../../../packages/sagaline/live/changes-table.ts';
import { keepTidy } from '../../../packages/sagaline/live/keep-tidy.ts';
import { listen } from '../../../packages/sagaline/live/listen.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { eventually, silent } from '../../support/kafka.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 4, acquireTimeoutMs: 5_000 });
});
afterAll(async () => {
  await database.$disconnect();
  await testDatabase.close();
});
beforeEach(async () => {
  await database.$executeRaw`DELETE FROM "sagaline_engine"."live_changes"`;
});

const write = (count: number, ageMinutes: number) => database.$executeRaw`
  INSERT INTO "sagaline_engine"."live_changes" ("kind", "data", "created_at")
  SELECT 'saga', '{}', now() - ${ageMinutes}::INTEGER * INTERVAL '1 minute' FROM generate_series(1, ${count}::INTEGER)`;

async function left(): Promise<number> {
  const [row] = await database.$queryRaw<
    { count: number }[]
  >`SELECT count(*)::INT AS "count" FROM "sagaline_engine"."live_changes"`;
  return row?.count ?? -1;
}

describe('changes that nobody can resume from any more', () => {
  test('go, some at a time, whoever else removes them; the newest stays', async () => {
    await write(95, 20);
    const removed = await Promise.all([removeOldChanges(database, 60_000, 10), removeOldChanges(database, 60_000, 10)]);
    expect(removed[0] + removed[1]).toBe(94);
    expect(await left()).toBe(1);
  });

  test('go in every process, whether it serves HTTP or not', async () => {
    await write(20, 20);
    await write(5, 1);
    const tidy = keepTidy(database, silent);
    onTestFinished(() => tidy.close());
    await eventually(async () => expect(await left()).toBe(5));
  });
});

describe('hearing of changes', () => {
  test('goes on over lost connections, and leaves nothing behind for any of them', async () => {
    const closing = new AbortController();
    const heard: (() => void)[] = [];
    const listening = listen(testDatabase.url, () => heard.splice(0).forEach((tell) => tell()), closing.signal);
    const news = () => new Promise<void>((resolve) => heard.push(resolve));
    const backends = () => database.$queryRaw<{ pid: number }[]>`
      SELECT "pid" FROM "pg_stat_activity" WHERE "application_name" = 'sagaline-live' AND "datname" = current_database()`;
    await eventually(async () => expect(await backends()).toHaveLength(1));
    for (let losses = 0; losses < 3; losses++) {
      const again = news();
      await database.$queryRaw`
        SELECT pg_terminate_backend("pid") FROM "pg_stat_activity"
        WHERE "application_name" = 'sagaline-live' AND "datname" = current_database()`;
      await again;
    }
    await eventually(() => expect(getEventListeners(closing.signal, 'abort')).toHaveLength(1));
    const told = news();
    await database.$executeRaw`SELECT pg_notify('sagaline_live', '')`;
    await told;
    const aborted = once(closing.signal, 'abort');
    closing.abort();
    await Promise.all([aborted, listening]);
    await eventually(async () => expect(await backends()).toEqual([]));
  });
});

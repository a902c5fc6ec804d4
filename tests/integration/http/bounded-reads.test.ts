/** However many read, and however large what they read is: orders go on, and a page has its size. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { anOrder } from '../../support/orders.ts';
import { appProjections } from '../../support/reference.ts';
import { createTestPool } from '../../support/stack.ts';
import { createApi, type Api } from './support/api.ts';

const MEGABYTE = 1024 * 1024;

let api: Api;
let pool: ReturnType<typeof createTestPool>;

beforeAll(async () => {
  api = await createApi();
  pool = createTestPool(api.databaseUrl, 3);
  for (const projection of appProjections()) await ensureSchema(pool, projection);
});
afterAll(async () => {
  await pool.end();
  await api.close();
});

test('300 reads that hang keep no order waiting', async () => {
  const locker = await pool.connect();
  await locker.query('BEGIN; LOCK TABLE "projection_statistics"."counts" IN ACCESS EXCLUSIVE MODE');
  const reads = Array.from({ length: 300 }, () => api.get('/v1/stats/summary'));
  // Those above the bound have their answer at once: from here on all connections for reads are taken.
  expect((await Promise.race(reads)).status).toBe(429);
  const begun = performance.now();
  expect((await api.post('/v1/orders', anOrder({ orderId: `o-${randomUUID()}` }))).status).toBe(201);
  // With one pool it waited for a connection, and got none within its 5 s.
  expect(performance.now() - begun).toBeLessThan(4_000);
  await locker.query('ROLLBACK');
  locker.release();
  const statuses = new Set((await Promise.all(reads)).map(({ status }) => status));
  for (const status of statuses) expect([200, 429, 503]).toContain(status);
});

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly nextCursor?: string;
}

/** All pages of a list, and the size of the largest. */
async function readAll(path: string) {
  const items: Page['items'][number][] = [];
  let [cursor, largest] = ['', 0];
  do {
    const text = await (await api.get(`${path}${cursor}`)).text();
    const page = JSON.parse(text) as Page;
    largest = Math.max(largest, Buffer.byteLength(text));
    items.push(...page.items);
    cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
  } while (cursor !== '');
  return { items, largest };
}

describe('a page is bounded by its bytes, and nothing is left out', () => {
  test.each(['newest', 'oldest'])('GET /v1/events, %s first', async (order) => {
    await pool.query('TRUNCATE "projection_archive"."events", "projection_archive"."strays"');
    // Sixty of 100 kB; two larger than a page, one of them the last of its key.
    await pool.query(`
      INSERT INTO "projection_archive"."strays" ("record_time", "topic", "partition", "offset", "type", "event_time", "payload")
      SELECT now() - n * INTERVAL '1 second', 'order.created', 0, n, 'order.created', now(),
        json_build_object('text', repeat('x', CASE WHEN n IN (7, 60) THEN 2000000 ELSE 100000 END))
      FROM generate_series(1, 60) AS n`);
    const { items, largest } = await readAll(`/v1/events?order=${order}&limit=200`);
    const offsets = Array.from({ length: 60 }, (_, n) => String(n + 1));
    expect(items.map(({ offset }) => offset)).toEqual(order === 'newest' ? offsets : offsets.toReversed());
    expect(largest).toBeLessThan(2.1 * MEGABYTE);
  });

  test('GET /v1/logs', async () => {
    await pool.query(`
      INSERT INTO "projection_logs"."lines" ("at", "partition", "offset", "service", "level", "message", "attributes")
      SELECT n, 0, n, 'shop', 30, repeat('결', 16384), json_build_object('text', repeat('y', 20000))
      FROM generate_series(1, 150) AS n`);
    const { items, largest } = await readAll('/v1/logs?limit=200');
    expect(items).toHaveLength(150);
    expect(largest).toBeLessThan(1.1 * MEGABYTE);
  });
});

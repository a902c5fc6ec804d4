import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApp } from '../../../packages/sagaline/http/app.ts';
import { createBehaviour } from '../../../gateways/pipeline/behaviour/projection.ts';
import type { Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createApi, type Api } from '../http/support/api.ts';
import { anOrder } from '../../support/orders.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { createPipelineWorld, type PipelineWorld, type Produced } from './support/world.ts';

const MINUTE = 60_000;
const projection: Projection = createBehaviour({ sessionGapMs: 30 * MINUTE });
const TEN = Date.UTC(2026, 10, 22, 10);
const at = (minutes: number, from = TEN) => new Date(from + minutes * MINUTE).toISOString();

let world: PipelineWorld;
let api: Api;
let database: Database;
let app: Api['app'];
let produced = 0;

beforeAll(async () => {
  [world, api] = await Promise.all([
    createPipelineWorld({ topics: ['user.activity', 'order.created', 'order.completed'] }),
    createApi(),
  ]);
  database = createDatabase({ url: world.databaseUrl, poolSize: 2, acquireTimeoutMs: 5_000 });
  app = createHttpApp({ ...api.deps, database, reads: database });
});
afterAll(async () => {
  await Promise.all([world.close(), api.close(), database.$disconnect()]);
});

const get = async (path: string) => {
  const response = await app.request(`/v1/behaviour/${path}`);
  return {
    status: response.status,
    body: (await response.json()) as { items: Record<string, unknown>[] } & { nextCursor?: string },
  };
};
const items = async (path: string) => (await get(path)).body.items;

async function produce(...events: Produced[]): Promise<void> {
  await world.produce(...events);
  produced += events.length;
}

function did(userId: string, action: string, time: string, more: { page?: string; sku?: string } = {}): Produced {
  return { type: 'user.activity', payload: { userId, action, at: time, ...more } };
}

function ordered(orderId: string, customerId: string, time: string, ...skus: string[]): Produced {
  const items = skus.map((sku) => ({ sku, quantity: 1, unitPrice: 100 }));
  return {
    type: 'order.created',
    payload: anOrder({ orderId, customerId, items }),
    headers: ce('order.created', orderId, time),
  };
}

function paid(orderId: string, time: string): Produced {
  const payload = { orderId, paymentId: `p-${orderId}`, amount: 1999, currency: 'EUR' };
  return { type: 'order.completed', payload, headers: ce('order.completed', orderId, time) };
}

const ce = (type: string, id: string, time: string) => ({
  ...{ ce_specversion: '1.0', ce_type: type, ce_id: id, ce_source: '/tests', ce_time: time },
});

test('before a pipeline ran, reads say so', async () => {
  for (const path of ['sessions?userId=u-1', 'funnel', 'active-users', 'top-pages', 'recommendations?sku=book']) {
    expect((await get(path)).status, path).toBe(503);
  }
});

describe('behaviour', () => {
  beforeAll(async () => {
    await world.start(projection);
    await produce(
      // Comes in the wrong order: the second visit, the end of the first, then what joins its two halves.
      did('u-1', 'viewed', at(120)),
      did('u-1', 'added', at(50)),
      did('u-1', 'viewed', at(0), { page: '/books' }),
      did('u-1', 'viewed', at(25), { page: '/books' }),
      did('u-2', 'viewed', at(0), { page: '/books' }),
      did('u-2', 'login', at(24 * 60), { page: '/' }),
      did('u-3', 'added', at(5)),
      did('u-4', 'viewed', at(5)),
      did('u-4', 'added', at(6)),
      ordered('o-1', 'u-1', at(55), 'book', 'pen', 'pen'),
      paid('o-1', at(56)),
      // Twice on Kafka, and told in two ways: the earlier story holds.
      ordered('o-2', 'u-4', at(60), 'book', 'lamp'),
      ordered('o-2', 'u-4', at(59), 'book', 'pen'),
      ordered('o-1', 'u-1', at(55), 'book', 'pen', 'pen'),
      // Paid, and never told who ordered it.
      paid('o-3', at(70)),
      ordered('o-4', 'u-9', at(80), ...Array.from({ length: 21 }, (_, n) => `sku-${n}`), 'book'),
    );
    await world.applied(projection, produced);
  });

  test('a pause within the gap joins, a longer one parts, whatever comes first', async () => {
    expect(await items('sessions?userId=u-1')).toEqual([
      { startedAt: at(120), endedAt: at(120), durationMs: 0, activities: 1 },
      { startedAt: at(0), endedAt: at(50), durationMs: 50 * MINUTE, activities: 3 },
    ]);
    const first = await get('sessions?userId=u-1&limit=1');
    const cursor = first.body.nextCursor ?? '';
    expect(await items(`sessions?userId=u-1&limit=1&cursor=${cursor}`)).toMatchObject([{ startedAt: at(0) }]);
    expect(await items('sessions?userId=nobody')).toEqual([]);
  });

  test('the funnel counts who came how far: each stage only after all before it', async () => {
    const days = 'from=2026-11-20&to=2026-11-23';
    expect(await items(`funnel?${days}`)).toEqual([{ from: '2026-11-22', viewed: 3, added: 2, ordered: 2, paid: 1 }]);
    // The 22nd is a Sunday.
    expect(await items(`funnel?${days}&by=week`)).toEqual([
      { from: '2026-11-16', viewed: 3, added: 2, ordered: 2, paid: 1 },
    ]);
  });

  test('active users by day, and once in a week', async () => {
    expect(await items('active-users?from=2026-11-22&to=2026-11-23')).toEqual([
      { from: '2026-11-22', users: 4, activities: 8 },
      { from: '2026-11-23', users: 1, activities: 1 },
    ]);
    expect(await items('active-users?from=2026-11-16&to=2026-11-22&by=week')).toEqual([
      { from: '2026-11-16', users: 4, activities: 8 },
    ]);
  });

  test('top pages', async () => {
    expect(await items('top-pages?from=2026-11-22&to=2026-11-23')).toEqual([
      { page: '/books', activities: 3 },
      { page: '/', activities: 1 },
    ]);
  });

  test('what is bought together: each order once, by its earliest story, and none of too many articles', async () => {
    expect(await items('recommendations?sku=book')).toEqual([{ sku: 'pen', orders: 2 }]);
    expect(await items('recommendations?sku=pen')).toEqual([{ sku: 'book', orders: 2 }]);
    expect(await items('recommendations?sku=lamp')).toEqual([]);
  });

  test.each([
    ['funnel?from=2026-11-23&to=2026-11-22', 'to'],
    ['funnel?from=2020-01-01&to=2026-11-22', 'to'],
    ['active-users?from=yesterday', 'from'],
    ['sessions', 'userId'],
    ['sessions?userId=u-1&cursor=x', 'cursor'],
    ['recommendations?sku=%00', 'sku'],
  ])('%s is refused, by name', async (path, field) => {
    expect(await get(path)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});

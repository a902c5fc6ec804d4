/** Statistics from records on Kafka to answers of the API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STATISTICS_DEFAULTS } from '../../../gateways/pipeline/statistics/settings.ts';
import { createStatistics, TOPICS } from '../../../gateways/pipeline/statistics/projection.ts';
import type { ChangedWindow } from '../../../gateways/pipeline/statistics/changed-windows.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { isEventType, type EventType, type Payload } from '../../../workflows/events.ts';
import { createTestApp, problemOf } from '../../unit/http/support/test-app.ts';
import { recordOf } from '../../support/recorded-events.ts';
import { tablesBy, wholeLogs } from './support/same-tables.ts';
import { createPipelineWorld, type PipelineWorld, type Produced } from './support/world.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-03-01T12:00:00Z');
const RANGE = 'from=2026-03-01T12:00:00Z&to=2026-03-01T12:03:00Z';

let world: PipelineWorld;
let database: Database;
let app: ReturnType<typeof createTestApp>['app'];
let produced = 0;

const changed: ChangedWindow[] = [];
const statistics = createStatistics({
  settings: STATISTICS_DEFAULTS,
  publish: (_tx, windows) => Promise.resolve(void changed.push(...windows)),
});

beforeAll(async () => {
  world = await createPipelineWorld({ topics: TOPICS.filter(isEventType) });
  database = createDatabase({ url: world.databaseUrl, poolSize: 4, acquireTimeoutMs: 5_000 });
  app = createTestApp({ database }).app;
});
afterAll(async () => {
  await database.$disconnect();
  await world.close();
});

/** An event that happened `ms` after noon. */
function at<T extends EventType>(ms: number, type: T, payload: Payload<T>): Produced<T> {
  const id = `${type}-${JSON.stringify(payload)}`.slice(0, 200);
  const envelope = { ce_specversion: '1.0', ce_type: type, ce_source: '/test', ce_id: id };
  return { type, payload, headers: { ...envelope, ce_time: new Date(NOON + ms).toISOString() } };
}

async function produce(...events: readonly Produced[]): Promise<void> {
  produced += events.length;
  await world.produce(...events);
  await world.applied(statistics, produced);
}

async function get(path: string): Promise<unknown> {
  const response = await app.request(`/v1/stats/${path}`);
  expect(response.status).toBe(200);
  return response.json();
}

const created = (orderId: string): Payload<'order.created'> => ({
  ...{ orderId, customerId: 'c-1', amount: 1_000, currency: 'EUR' },
  ...{ items: [{ sku: 's-1', quantity: 1, unitPrice: 1_000 }], contact: { email: 'a@example.com' } },
  paymentMethod: { token: 'tok_ok' },
});
const completed = (orderId: string, amount: number, currency = 'EUR') => ({
  ...{ orderId, paymentId: 'p-1', amount, currency },
});
const undone = (orderId: string, compensated: string[]) => ({ orderId, reason: 'no', compensated, skipped: [] });
const line = (service: string, level: Payload<'service.log'>['level']) => ({ service, level, message: 'm' });

test('without a pipeline the answer is 503, and says what to do', async () => {
  const problem = await problemOf(await app.request('/v1/stats/orders'));
  expect(problem).toMatchObject({ status: 503, type: 'urn:sagaline:problem:unavailable' });
  expect(problem.detail).toContain('start a pipeline process');
});

describe('statistics', () => {
  beforeAll(async () => {
    await world.start(statistics);
    await produce(
      at(0, 'order.created', created('o-1')),
      at(10, 'order.created', created('o-2')),
      at(MINUTE, 'order.created', created('o-3')),
      at(2_000, 'order.completed', completed('o-1', 1_999)),
      at(4_010, 'order.completed', completed('o-2', 9_000, 'KRW')),
      at(MINUTE + 500, 'order.rejected', undone('o-3', ['payment'])),
      at(MINUTE + 100, 'payment.declined', { orderId: 'o-3', amount: 1_000, currency: 'EUR', reason: 'no' }),
      at(MINUTE + 400, 'payment.refunded', {
        ...{ orderId: 'o-3', paymentId: 'p-3', refundId: 'r-3', amount: 1_000, currency: 'EUR' },
      }),
      at(MINUTE, 'user.created', { userId: 'u-1', email: 'a@example.com', name: 'A' }),
      at(0, 'user.activity', { userId: 'u-1', action: '__proto__' }),
      at(1, 'user.activity', { userId: 'u-1', action: 'viewed' }),
      at(2, 'user.activity', { userId: 'u-1', action: 'viewed' }),
      at(0, 'service.log', line('shop', 'info')),
      at(0, 'service.log', line('shop', 'error')),
      at(0, 'service.log', line('mail', 'fatal')),
    );
  });

  test('count orders and their money, window by window, empty ones too', async () => {
    expect(await get(`orders?${RANGE}`)).toEqual({
      ...{ window: '1m', from: '2026-03-01T12:00:00.000Z', to: '2026-03-01T12:03:00.000Z' },
      points: [
        {
          ...{ at: '2026-03-01T12:00:00.000Z', orders: 2, completed: 2, rejected: 0, cancelled: 0 },
          ...{ declines: 0, refunds: 0, revenue: { EUR: '1999', KRW: '9000' }, refunded: {} },
        },
        {
          ...{ at: '2026-03-01T12:01:00.000Z', orders: 1, completed: 0, rejected: 1, cancelled: 0 },
          ...{ declines: 1, refunds: 1, revenue: {}, refunded: { EUR: '1000' } },
        },
        {
          ...{ at: '2026-03-01T12:02:00.000Z', orders: 0, completed: 0, rejected: 0, cancelled: 0 },
          ...{ declines: 0, refunds: 0, revenue: {}, refunded: {} },
        },
      ],
    });
  });

  test('tell how sagas ended and how long they took, within 1 %', async () => {
    const { points } = (await get(`sagas?window=1h&${RANGE}`)) as { points: { durationMs: Record<string, number> }[] };
    expect(points).toEqual([
      {
        ...{ at: '2026-03-01T12:00:00.000Z', ended: 3, completed: 2, rejected: 1, cancelled: 0 },
        ...{ compensated: 1, compensationRate: 1 / 3, durationMs: expect.anything() as unknown },
      },
    ]);
    const { count, p50 = 0, p99 = 0 } = points[0]?.durationMs ?? {};
    expect(count).toBe(3);
    expect(Math.abs(p50 - 2_000)).toBeLessThanOrEqual(20);
    expect(p99).toBeGreaterThanOrEqual(1_980);
  });

  test('know each service’s errors', async () => {
    const shop = { service: 'shop', total: 2, errors: 1, errorRate: 0.5, levels: { error: 1, info: 1 } };
    const mail = { service: 'mail', total: 1, errors: 1, errorRate: 1, levels: { fatal: 1 } };
    const second = 'window=1s&from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:01Z';
    expect(await get(`logs?${second}`)).toMatchObject({
      points: [{ total: 3, errors: 2, errorRate: 2 / 3, services: [mail, shop] }],
    });
    expect(await get(`logs?service=shop&${second}`)).toMatchObject({ points: [{ total: 2, services: [shop] }] });
  });

  test('count what users did, whatever they call it', async () => {
    expect(await get(`activity?window=1h&${RANGE}`)).toMatchObject({
      points: [
        {
          ...{ total: 3, signUps: 1 },
          actions: [
            { action: '__proto__', count: 1 },
            { action: 'viewed', count: 2 },
          ],
        },
      ],
    });
  });

  test('add up to a summary', async () => {
    expect(await get(`summary?${RANGE}`)).toMatchObject({
      orders: { orders: 3, completed: 2, rejected: 1, revenue: { EUR: '1999', KRW: '9000' } },
      sagas: { ended: 3, durationMs: { count: 3 } },
      logs: { total: 3, errors: 2 },
      activity: { total: 3, signUps: 1 },
      late: [],
    });
  });

  test('say which windows a batch changed, to whoever pushes them, and not when history is repeated', async () => {
    const ofMinute = changed.filter(({ size, start }) => size === '1m' && start === NOON + MINUTE);
    const measures = ['orders', 'rejected', 'compensated', 'declines', 'refunds', 'refunded', 'signUps', 'durations'];
    expect(new Set(ofMinute.flatMap((window) => window.measures))).toEqual(new Set(measures));
    const before = changed.length;
    const log = [recordOf('user.activity', { userId: 'u-1', action: 'viewed' }, { time: NOON })];
    await tablesBy(world.pool, statistics, wholeLogs([log]));
    expect(changed).toHaveLength(before);
  });

  test('count an order once that Kafka has twice, and activities each time', async () => {
    await produce(
      at(0, 'order.created', created('o-1')),
      at(2_000, 'order.completed', completed('o-1', 1_999)),
      at(1, 'user.activity', { userId: 'u-1', action: 'viewed' }),
    );
    expect(await get(`summary?${RANGE}`)).toMatchObject({
      orders: { orders: 3, completed: 2, revenue: { EUR: '1999' } },
      sagas: { ended: 3, durationMs: { count: 3 } },
      activity: { total: 4 },
    });
  });

  test('take an event within the bound of its window, and count it as late beyond', async () => {
    const viewed = (ms: number) => at(ms, 'user.activity', { userId: 'u-late', action: 'viewed' });
    const [hour, day] = [60 * MINUTE, 24 * 60 * MINUTE];
    // 20 minutes later seconds are closed, two hours later minutes, and two days later everything.
    await produce(viewed(0), viewed(20 * MINUTE), viewed(1), viewed(2 * hour), viewed(2), viewed(2 * day), viewed(3));
    const late = async (window: string) => {
      const { late: topics, activity } = (await get(`summary?window=${window}&${RANGE}`)) as {
        late: unknown;
        activity: { total: number };
      };
      return [topics, activity.total];
    };
    expect(await late('1s')).toEqual([[{ topic: 'user.activity', count: 3 }], 5]);
    expect(await late('1m')).toEqual([[{ topic: 'user.activity', count: 2 }], 6]);
    // Also in this hour: what came at 12:20.
    expect(await late('1h')).toEqual([[{ topic: 'user.activity', count: 1 }], 8]);
  });

  test('survive sums that no BIGINT holds', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const orders = Array.from({ length: 1_100 }, (_, n) =>
      at(0, 'order.completed', completed(`o-m-${n}`, most, 'JPY')),
    );
    await produce(...orders);
    expect(await get(`summary?${RANGE}`)).toMatchObject({
      orders: { revenue: { JPY: (1_100n * BigInt(most)).toString() } },
    });
    expect(world.failures).toEqual([]);
  });
});

test.each([
  ['window=1d', 'window'],
  ['from=yesterday', 'from'],
  ['from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z', 'from'],
  ['window=1s&from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z', 'from'],
])('refuses %s', async (query, field) => {
  const problem = await problemOf(await app.request(`/v1/stats/orders?${query}`));
  expect(problem).toMatchObject({ status: 400, errors: [{ field }] });
});

/** Payments for what is no order: neither found as orders nor counted as such; those of older versions, which name nothing, are. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStatistics, TOPICS } from '../../../gateways/pipeline/statistics/projection.ts';
import { STATISTICS_DEFAULTS } from '../../../gateways/pipeline/statistics/settings.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { isEventType, type EventType } from '../../../workflows/events.ts';
import { createTestApp } from '../../unit/http/support/test-app.ts';
import { aSearch } from './support/search.ts';
import { createPipelineWorld, type PipelineWorld, type Produced } from './support/world.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const search = aSearch();
const statistics = createStatistics({ settings: STATISTICS_DEFAULTS });

let world: PipelineWorld;
let database: Database;
let app: ReturnType<typeof createTestApp>['app'];

beforeAll(async () => {
  const topics = new Set([...(search.topics as EventType[]), ...TOPICS.filter(isEventType)]);
  world = await createPipelineWorld({ topics: [...topics] });
  database = createDatabase({ url: world.databaseUrl, poolSize: 4, acquireTimeoutMs: 5_000 });
  ({ app } = createTestApp({ database }));
});
afterAll(async () => {
  await database.$disconnect();
  await world.close();
});

function refunded(id: string, kind?: string): Produced<'payment.refunded'> {
  const subject = kind === undefined ? {} : { subject: { kind, id } };
  const payload = { ...subject, orderId: id, amount: 500, currency: 'EUR', paymentId: `p-${id}`, refundId: `r-${id}` };
  const envelope = { ce_specversion: '1.0', ce_type: 'payment.refunded', ce_source: '/test', ce_id: id };
  return { type: 'payment.refunded', payload, headers: { ...envelope, ce_time: new Date(NOON).toISOString() } };
}

test('only what is an order is found and counted as one', async () => {
  await world.start(search, statistics);
  await world.produce(refunded('trip-1', 'trip'), refunded('order-1', 'order'), refunded('order-2'));
  await Promise.all([world.applied(search, 3), world.applied(statistics, 3)]);
  const sql = `SELECT "id" FROM "subjects" WHERE "kind" = 'order' ORDER BY "id"`;
  const rows = await world.rows<{ id: string }>(search, sql);
  expect(rows.map(({ id }) => id)).toEqual(['order-1', 'order-2']);
  const found = await app.request('/v1/search?q=trip-1');
  expect(await found.json()).toMatchObject({ items: [] });
  const summary = await app.request('/v1/stats/summary?from=2026-03-01T12:00:00Z&to=2026-03-01T12:01:00Z');
  expect(JSON.stringify(await summary.json())).toContain('"refunds":2');
});

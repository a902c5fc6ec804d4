/** The statistics' tables on a real PostgreSQL, against a model that counts in the plainest way. */
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { createStatistics } from '../../../gateways/pipeline/statistics/projection.ts';
import type { EventType } from '../../../workflows/events.ts';
import { recordOf } from '../../support/recorded-events.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { anyWay, tablesBy, tablesByMembers, wholeLogs, type Log } from './support/same-tables.ts';
import { statisticsModel } from './support/statistics-model.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const SECOND = 1_000;
/** Short, so that a few minutes of events have some that are late, for one size, two, or all. */
const latenessMs = { '1s': 5 * SECOND, '1m': 20 * SECOND, '1h': 60 * SECOND };
const keepMs = { '1s': Infinity, '1m': Infinity, '1h': Infinity };
const projection = createStatistics({ settings: { latenessMs, keepMs } });

/** Shrinking would apply the records hundreds of times. */
const AT_ONCE = { endOnFailure: true };

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 8);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

const PAYLOADS = {
  'order.created': (orderId: string, amount: number) => ({
    ...{ orderId, amount, customerId: 'c-1', currency: 'EUR', contact: { email: 'a@example.com' } },
    ...{ items: [{ sku: 's', quantity: 1, unitPrice: amount }], paymentMethod: { token: 'tok_ok' } },
  }),
  'order.completed': (orderId: string, amount: number) => ({ orderId, paymentId: 'p-1', amount, currency: 'EUR' }),
  'order.rejected': (orderId: string, amount: number) => ({
    ...{ orderId, reason: 'no', skipped: [], compensated: amount % 2 ? ['payment'] : [] },
  }),
  'payment.refunded': (orderId: string, amount: number) => ({
    ...{ orderId, paymentId: 'p-1', refundId: 'r-1', amount, currency: amount % 2 ? 'EUR' : 'KRW' },
  }),
  'user.activity': (userId: string, amount: number) => ({ userId, action: amount % 2 ? 'viewed' : 'added' }),
  'service.log': (service: string, amount: number) => ({ service, message: 'm', level: amount % 2 ? 'info' : 'error' }),
} satisfies Partial<Record<EventType, (key: string, amount: number) => object>>;

const TYPES = Object.keys(PAYLOADS) as (keyof typeof PAYLOADS)[];

/** Two partitions of each topic; few keys, so that facts repeat, also from one partition to the other; some are no events. */
const log = (type: keyof typeof PAYLOADS, partition: number): fc.Arbitrary<Log> =>
  fc
    .array(
      fc.record({
        key: fc.constantFrom('k-1', 'k-2', 'k-3'),
        amount: fc.integer({ min: 1, max: 9 }),
        time: fc.integer({ min: NOON - 100 * SECOND, max: NOON + 100 * SECOND }),
        ahead: fc.constantFrom(0, 0, 0, 3_600 * SECOND),
        broken: fc.constantFrom(false, false, false, true),
      }),
      { maxLength: 12 },
    )
    .map((records) =>
      records.map(({ key, amount, time, ahead, broken }, offset): ConsumedRecord => {
        const payload = broken ? { nonsense: true } : PAYLOADS[type](key, amount);
        return recordOf(type, payload, { partition, offset, time: time + ahead, recordTime: time });
      }),
    );

const logs = fc.tuple(...TYPES.flatMap((type) => [log(type, 0), log(type, 1)]));
const logsAndWay = logs.chain((all) => fc.tuple(fc.constant(all), anyWay(all)));

describe('the tables of the statistics', () => {
  test('are what the plainest count of the records says', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        const { counts, amounts, durations, late } = await tablesBy(pool, projection, way);
        const parsed = { counts, amounts, durations, late };
        const rows = Object.fromEntries(
          Object.entries(parsed).map(([table, texts = []]) => [table, texts.map((text) => JSON.parse(text) as object)]),
        );
        expect(sorted(rows)).toEqual(sorted(statisticsModel(all, latenessMs)));
      }),
      { numRuns: 25, ...AT_ONCE },
    );
  });

  test('do not depend on batches, nor on which partition comes first', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesBy(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 12, ...AT_ONCE },
    );
  });

  test('are the same when members apply all partitions at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesByMembers(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 12, ...AT_ONCE },
    );
  });

  test('are the same after housekeeping, however often it came', async () => {
    const kept = { '1s': 5 * SECOND, '1m': 60 * SECOND, '1h': Infinity };
    const short = createStatistics({ settings: { latenessMs, keepMs: kept } });
    const tidy = { ...short, apply: withHousekeeping(short) };
    let removed = 0;
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        const once = await tablesBy(pool, short, wholeLogs(all));
        expect(await tablesBy(pool, tidy, way)).toEqual(once);
        const everything = await tablesBy(pool, projection, wholeLogs(all));
        removed += (everything['counts']?.length ?? 0) - (once['counts']?.length ?? 0);
      }),
      { numRuns: 12, ...AT_ONCE },
    );
    expect(removed).toBeGreaterThan(0);
  });
});

const withHousekeeping =
  (statistics: typeof projection): (typeof projection)['apply'] =>
  async (tx, events) => {
    await statistics.apply(tx, events);
    await statistics.maintenance?.run(tx);
  };

const sorted = (tables: Readonly<Record<string, readonly object[]>>) =>
  Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [
      name,
      rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort(),
    ]),
  );

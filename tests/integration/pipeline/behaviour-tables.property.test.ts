/** The tables of behaviour on a real PostgreSQL, whatever the batches and turns, against models as plain as can be. */
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { createBehaviour } from '../../../gateways/pipeline/behaviour/projection.ts';
import { anOrder } from '../../support/orders.ts';
import { recordOf } from '../../support/recorded-events.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { anyWay, tablesBy, tablesByMembers, wholeLogs, type Log, type Tables } from './support/same-tables.ts';

/** Two days: the row of a user's day must not be what keeps two transactions apart. */
const MIDNIGHT = Date.parse('2026-03-01T00:00:00Z');
const GAP = 10;
const projection = createBehaviour({ sessionGapMs: GAP });

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

interface Drawn {
  readonly who: number;
  readonly time: number;
  readonly what: number;
  readonly skus: string[];
}

/** Few users, orders and times: much overlaps, repeats and contradicts, also from one partition to the other. */
const drawn: fc.Arbitrary<Drawn> = fc.record({
  who: fc.integer({ min: 1, max: 3 }),
  time: fc.integer({ min: MIDNIGHT - 120, max: MIDNIGHT + 120 }),
  what: fc.nat({ max: 2 }),
  skus: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
});

const TOPICS = {
  'user.activity': ({ who, what }: Drawn) => ({
    userId: `u-${who}`,
    action: ['viewed', 'added', 'login'][what] ?? '',
    ...(what === 0 ? { page: `/${who % 2}` } : {}),
  }),
  'order.created': ({ who, what, skus }: Drawn) =>
    anOrder({
      ...{ orderId: `o-${who}`, customerId: `u-${what + 1}` },
      items: skus.map((sku) => ({ sku, quantity: 1, unitPrice: 1 })),
    }),
  'order.completed': ({ who }: Drawn) => ({ orderId: `o-${who}`, paymentId: 'p-1', amount: 1, currency: 'EUR' }),
};

const logs = fc.tuple(
  ...(Object.keys(TOPICS) as (keyof typeof TOPICS)[]).flatMap((topic) =>
    [0, 1].map((partition) =>
      fc
        .array(drawn, { maxLength: 15 })
        .map((all) =>
          all.map((one, offset): ConsumedRecord =>
            recordOf(topic, TOPICS[topic](one), { partition, offset, time: one.time }),
          ),
        ),
    ),
  ),
);
const logsAndWay = logs.chain((all) => fc.tuple(fc.constant(all), anyWay(all)));

describe('the tables of behaviour', () => {
  test('do not depend on batches, nor on which partition comes first', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesBy(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 20 },
    );
  });

  test('are the same when members apply all partitions at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesByMembers(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 20 },
    );
  });

  test('have the sessions, orders and pairs that the plainest count finds', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        const tables = await tablesBy(pool, projection, way);
        expect(rowsOf(tables, 'sessions')).toEqual(sorted(sessionsOf(all)));
        expect(rowsOf(tables, 'pairs')).toEqual(sorted(pairsOf(all)));
      }),
      { numRuns: 30 },
    );
  });
});

const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
const rowsOf = (tables: Tables, table: string) => sorted((tables[table] ?? []).map((row) => JSON.parse(row) as object));

interface Told {
  readonly time: number;
  readonly payload: Record<string, unknown>;
}

const told = (all: readonly Log[], topic: string): Told[] =>
  all.flat().flatMap(({ topic: of, timestamp: time, value }) => {
    return of === topic ? [{ time, payload: JSON.parse(String(value)) as Told['payload'] }] : [];
  });

function sessionsOf(all: readonly Log[]): object[] {
  return [1, 2, 3].flatMap((who) => {
    const times = told(all, 'user.activity')
      .flatMap(({ time, payload }) => (payload['userId'] === `u-${who}` ? [time] : []))
      .sort((a, b) => a - b);
    const sessions: { user_id: string; started_at: number; ended_at: number; activities: number }[] = [];
    for (const time of times) {
      const last = sessions.at(-1);
      if (last && time - last.ended_at <= GAP) {
        last.ended_at = time;
        last.activities += 1;
      } else sessions.push({ user_id: `u-${who}`, started_at: time, ended_at: time, activities: 1 });
    }
    return sessions;
  });
}

/** Of each order its first story; of stories at one time, the one that comes first as text. */
function pairsOf(all: readonly Log[]): object[] {
  const stories = told(all, 'order.created').map(({ time, payload }) => {
    const skus = (payload['items'] as { sku: string }[]).map(({ sku }) => sku).sort();
    return { orderId: payload['orderId'], skus, rank: `${time} ${JSON.stringify([payload['customerId'], skus])}` };
  });
  stories.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const pairs = new Map<string, number>();
  for (const orderId of new Set(stories.map((story) => story.orderId))) {
    const { skus = [] } = stories.find((story) => story.orderId === orderId) ?? {};
    for (const sku of skus)
      for (const other of skus) {
        if (sku !== other) pairs.set(`${sku} ${other}`, (pairs.get(`${sku} ${other}`) ?? 0) + 1);
      }
  }
  return [...pairs].map(([pair, orders]) => ({ sku: pair[0], other: pair[2], orders }));
}

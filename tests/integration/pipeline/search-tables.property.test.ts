/** The tables of search on a real PostgreSQL, whatever the batches and turns, and whatever the database's locale. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { createApply } from '../../../packages/sagaline/pipeline/runtime/apply-batch.ts';
import { ensureSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { createPostgresReader } from '../../../packages/sagaline/pipeline/search/postgresql/read.ts';
import { parseQuery } from '../../../packages/sagaline/pipeline/search/text/query.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { migrateDatabase } from '../../../packages/sagaline/prisma/migrate.ts';
import { anOrder } from '../../support/orders.ts';
import { read, recordOf } from '../../support/recorded-events.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { anyWay, tablesBy, tablesByMembers, wholeLogs, type Log } from './support/same-tables.ts';
import { aSearch } from './support/search.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const projection = aSearch();

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 12);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

interface Drawn {
  readonly who: number;
  readonly time: number;
  readonly recordTime: number;
  readonly what: number;
}

/** Few orders and users: events of one come on several topics and partitions, repeat and contradict each other. */
const drawn: fc.Arbitrary<Drawn> = fc.record({
  who: fc.integer({ min: 1, max: 3 }),
  time: fc.integer({ min: NOON - 120, max: NOON + 120 }),
  recordTime: fc.integer({ min: NOON, max: NOON + 3 }),
  what: fc.nat({ max: 2 }),
});

const paid = ({ who, what }: Drawn) => ({ orderId: `o-${who}`, paymentId: `p-${what}`, amount: 1, currency: 'EUR' });
const undone = { step: 'payment', compensated: ['payment'], skipped: [] };

const TOPICS = {
  'order.created': ({ who, what }: Drawn) => anOrder({ orderId: `o-${who}`, customerId: `c-${what}` }),
  'order.completed': paid,
  'order.rejected': ({ who, what }: Drawn) => ({ orderId: `o-${who}`, reason: `reason ${what}`, ...undone }),
  'payment.completed': paid,
  'user.created': ({ who, what }: Drawn) => ({ userId: `u-${who}`, email: `u${what}@user.example`, name: 'U' }),
  'service.log': ({ who, what }: Drawn) => ({ service: `s-${who}`, level: 'info', message: `결제가 ${what}` }),
};

const logs: fc.Arbitrary<Log[]> = fc.tuple(
  ...(Object.keys(TOPICS) as (keyof typeof TOPICS)[]).flatMap((topic) =>
    [0, 1].map((partition) =>
      fc
        .array(drawn, { maxLength: 8 })
        .map((all) => all.map((one, offset) => recordOf(topic, TOPICS[topic](one), { partition, offset, ...one }))),
    ),
  ),
);
const logsAndWay = logs.chain((all) => fc.tuple(fc.constant(all), anyWay(all)));

describe('the tables of search', () => {
  test('do not depend on batches, nor on which partition comes first', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesBy(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 10 },
    );
  });

  test('are the same when every partition has a member of its own', async () => {
    await fc.assert(
      fc.asyncProperty(logsAndWay, async ([all, way]) => {
        expect(await tablesByMembers(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      }),
      { numRuns: 6 },
    );
  });
});

const LINES = ['결제가 거절되었습니다', 'payments declined', 'Straße in ZÜRICH', '注文が失敗'];
const QUERIES = ['결제', '결제를', '거절', 'payment', 'straße', 'zürich', '失敗', 'o-1', 'blue-shrit'];

/** What each query finds in a database of its own. */
async function answersIn(creation: string): Promise<(readonly string[])[]> {
  const { databaseUrl } = inject('stack');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = new Client({ connectionString: databaseUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' ${creation}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  const theirs = createDatabase({ url: url.href, poolSize: 2, acquireTimeoutMs: 5_000 });
  const theirPool = new Pool({ connectionString: url.href, max: 2 });
  // Dropping the database may end a connection before the pool has.
  theirPool.on('error', () => undefined);
  try {
    await migrateDatabase(url.href);
    await ensureSchema(theirPool, projection);
    const deps = { pool: theirPool, projection, schema: 'projection_search', live: true, read };
    const apply = createApply({ ...deps, failpoint: () => undefined });
    const sku = { sku: 'blue-shirt', quantity: 1, unitPrice: 1 };
    const records: ConsumedRecord[][] = [
      [recordOf('order.created', anOrder({ orderId: 'o-1', items: [sku] }), { time: NOON })],
      LINES.map((message, offset) =>
        recordOf('service.log', { service: 's', level: 'info', message }, { offset, time: NOON + offset }),
      ),
    ];
    for (const [first, ...rest] of records) {
      if (!first) continue;
      await apply({ topic: first.topic, partition: 0, records: [first, ...rest], askedFrom: 0n });
    }
    const reader = createPostgresReader(theirs);
    const answers = [];
    for (const typed of QUERIES) {
      const query = parseQuery(typed);
      if (query) answers.push((await reader.search({ query, limit: 10 })).hits.map(({ kind, id }) => `${kind} ${id}`));
    }
    return answers;
  } finally {
    await theirs.$disconnect();
    await theirPool.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
}

test('every locale of the database finds the same', async () => {
  const line = (offset: number) => [`log service.log/0/${offset}`];
  const order = ['saga orderSaga:o-1', 'order o-1'];
  const expected = [line(0), line(0), line(0), line(1), line(2), line(2), line(3), order, ['order o-1']];
  expect(await answersIn(`LOCALE 'C'`)).toEqual(expected);
  expect(await answersIn(`LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'`)).toEqual(expected);
});

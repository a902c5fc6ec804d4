/** Search on real Kafka and PostgreSQL: from a record on a topic to an answer of GET /v1/search. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { ProjectionOutdated, ensureSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { inTransaction, transactionOf, useSchema } from '../../../packages/sagaline/pipeline/runtime/transaction.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import type { EventType, Payload } from '../../../workflows/events.ts';
import { eventually } from '../../support/kafka.ts';
import { createTestApp, type ProblemBody } from '../../unit/http/support/test-app.ts';
import { aSearch } from './support/search.ts';
import { createPipelineWorld, type PipelineWorld, type Produced } from './support/world.ts';

interface Found {
  readonly kind: string;
  readonly id: string;
  readonly match: string;
  readonly state?: string;
  readonly text: { text: string; match: boolean }[];
  readonly fields: Record<string, unknown>;
  readonly href?: string;
}

const search = aSearch();
let world: PipelineWorld;
let database: Database;
let app: ReturnType<typeof createTestApp>['app'];
let produced = 0;

beforeAll(async () => {
  world = await createPipelineWorld({ topics: search.topics as EventType[] });
  database = createDatabase({ url: world.databaseUrl, poolSize: 4, acquireTimeoutMs: 5_000 });
  ({ app } = createTestApp({ database }));
});
afterAll(async () => {
  await database.$disconnect();
  await world.close();
});

const get = async (parameters: Record<string, string>) =>
  await app.request(`/v1/search?${new URLSearchParams(parameters).toString()}`);
const problemOf = async (response: Response) => (await response.json()) as ProblemBody;

async function page(q: string, own: Record<string, string> = {}): Promise<{ items: Found[]; nextCursor?: string }> {
  const response = await get({ q, ...own });
  expect(response.status).toBe(200);
  return (await response.json()) as { items: Found[]; nextCursor?: string };
}
const idsOf = async (q: string, own?: Record<string, string>) => (await page(q, own)).items.map(({ id }) => id);

async function produce(...events: readonly Produced[]): Promise<void> {
  produced += events.length;
  await world.produce(...events);
}
/** Waits until everything that was produced is in the tables. */
const settled = () => world.applied(search, produced);

const minute = (index: number) => 1_700_000_000_000 + index * 60_000;

const log = (message: string, own: Partial<Payload<'service.log'>> = {}): Produced<'service.log'> => ({
  type: 'service.log',
  payload: { service: 'checkout', level: 'info', message, ...own },
});
function order(orderId: string): Produced<'order.created'> {
  const payload = {
    ...{ orderId, customerId: `customer-of-${orderId}`, amount: 1999, currency: 'EUR' },
    items: [{ sku: 'blue-shirt', quantity: 1, unitPrice: 1999 }],
    contact: { email: 'ada@customer.example' },
    paymentMethod: { token: 'tok_ok' },
  };
  return { type: 'order.created', payload };
}

test('before any pipeline ran, the answer says so', async () => {
  const response = await get({ q: 'anything' });
  expect(response.status).toBe(503);
  expect((await problemOf(response)).detail).toMatch(/projection search has no tables yet: start a pipeline process/);
});

describe('what happens is found', () => {
  beforeAll(async () => {
    await world.start(search);
  });

  test('an order and its saga, whose states change with the events', async () => {
    await produce(order('o-100'));
    await eventually(async () => expect(await idsOf('o-100')).toHaveLength(2));
    expect((await page('o-100')).items).toMatchObject([
      { kind: 'saga', id: 'orderSaga:o-100', match: 'exact', state: 'running', href: '/v1/sagas/orderSaga%3Ao-100' },
      { kind: 'order', id: 'o-100', match: 'exact', state: 'created', fields: { amount: 1999, skus: ['blue-shirt'] } },
    ]);
    const paid = { orderId: 'o-100', paymentId: 'pay-77', amount: 1999, currency: 'EUR' };
    await produce({ type: 'payment.completed', payload: paid }, { type: 'order.completed', payload: paid });
    await settled();
    expect((await page('o-100')).items.map(({ state }) => state)).toEqual(['completed', 'completed']);
    expect((await page('pay-77')).items).toMatchObject([{ kind: 'order', id: 'o-100', match: 'exact' }]);
  });

  test('the reason why an order failed', async () => {
    const rolledBack = {
      orderId: 'o-200',
      reason: 'RecipientRefused',
      step: 'notification',
      compensated: ['payment'],
      skipped: [],
    };
    await produce({ type: 'order.rejected', payload: rolledBack }, order('o-200'));
    await settled();
    const { items } = await page('recipientrefused', { kind: 'order' });
    expect(items).toMatchObject([{ id: 'o-200', state: 'rejected', match: 'words' }]);
    expect(items[0]?.text).toContainEqual({ text: 'RecipientRefused', match: true });
  });

  test('log lines in Korean and English, a user by id, and nobody by address', async () => {
    await produce(
      log('결제가 거절되었습니다 o-300', { level: 'error', traceId: 'b'.repeat(32) }),
      log('payments are declined for o-300'),
      { type: 'user.created', payload: { userId: 'u-1', email: 'bob@user.example', name: 'Bob Builder' } },
      order('o-300'),
    );
    await settled();
    expect((await page('결제', { kind: 'log' })).items).toMatchObject([
      {
        state: 'error',
        match: 'words',
        text: [
          { text: '결제', match: true },
          { text: '가 거절되었습니다 o-300', match: false },
        ],
      },
    ]);
    expect(await idsOf('결제를', { kind: 'log' })).toHaveLength(1);
    expect(await idsOf('payment decline', { kind: 'log' })).toHaveLength(1);
    expect((await page('b'.repeat(32))).items).toMatchObject([{ kind: 'log', match: 'exact' }]);
    expect(await idsOf('o-300')).toHaveLength(4);
    expect(await idsOf('u-1')).toEqual(['u-1', 'signupSaga:u-1']);
    for (const personal of ['bob@user.example', 'Builder', 'ada@customer.example'])
      expect(await idsOf(personal)).toEqual([]);
  });

  test('a misspelt article or customer, when nothing else is like it', async () => {
    for (const typed of ['bleu-shirt', 'customer-off-o-100']) {
      expect((await page(typed)).items[0]).toMatchObject({ kind: 'order', match: 'similar' });
    }
    expect(await idsOf('something-else-altogether')).toEqual([]);
  });

  test('a thousand lines, in pages that leave nothing out and repeat nothing', async () => {
    const at = (index: number) => new Date(minute(index >> 2)).toISOString();
    await produce(
      ...Array.from({ length: 1_000 }, (_, index) =>
        log(`bulk line ${index}`, { service: `s-${index % 7}`, at: at(index) }),
      ),
    );
    await settled();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await page('bulk', { limit: '170', ...(cursor && { cursor }) });
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor;
    } while (cursor);
    expect([seen.length, new Set(seen).size]).toEqual([1_000, 1_000]);
    expect(await idsOf('bulk', { from: at(400), to: at(408) })).toHaveLength(8);
  });

  test('and nothing failed on the way', () => {
    expect(world.failures).toEqual([]);
  });
});

describe('a query', () => {
  test.each([
    [{ q: '?!' }, 'q'],
    [{ q: '❤️' }, 'q'],
    [{ q: '' }, 'q'],
    [{ q: 'x'.repeat(257) }, 'q'],
    [{ q: 'x', kind: 'thing' }, 'kind'],
    [{ q: 'x', from: 'yesterday' }, 'from'],
    [{ q: 'x', limit: '0' }, 'limit'],
    [{ q: 'x', cursor: 'abc' }, 'cursor'],
    [{ q: 'x', cursor: Buffer.from('["1","5","log","\\u0000"]').toString('base64url') }, 'cursor'],
  ])('%j is refused, naming the parameter', async (parameters, field) => {
    const response = await get(parameters);
    expect([response.status, (await problemOf(response)).errors?.[0]?.field]).toEqual([400, field]);
  });

  test('of whatever kind gets an answer', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom("'", '\\', '&', '|', '!', ':', '*', '(', ')', '%', '<', 'a', '-', '결', '\0', ' '),
        maxLength: 30,
      }),
    );
    await fc.assert(
      fc.asyncProperty(nasty, async (q) => {
        expect([200, 400]).toContain((await get({ q })).status);
      }),
      { numRuns: 60 },
    );
  });

  test('that takes too long is answered 503', async () => {
    await inTransaction(world.pool, async (client) => {
      await client.query('LOCK TABLE "projection_search"."documents" IN ACCESS EXCLUSIVE MODE');
      const response = await get({ q: 'bulk' });
      expect(response.status).toBe(503);
      expect((await problemOf(response)).detail).toMatch(/took too long: ask for longer words/);
    });
  });
});

test('with personal data, people are found; changing that asks for a rebuild', async () => {
  const personal = aSearch({ personalData: true });
  await expect(ensureSchema(world.pool, personal)).rejects.toThrow(ProjectionOutdated);
  const other = await createPipelineWorld({ topics: personal.topics as EventType[] });
  const theirs = createDatabase({ url: other.databaseUrl, poolSize: 2, acquireTimeoutMs: 5_000 });
  try {
    await other.start(personal);
    await other.produce(order('o-1'), {
      type: 'user.created',
      payload: { userId: 'u-1', email: 'bob@user.example', name: 'Bob Builder' },
    });
    await other.applied(personal, 2);
    const ask = async (q: string, database = theirs) => {
      const response = await createTestApp({ database }).app.request(
        `/v1/search?${new URLSearchParams({ q }).toString()}`,
      );
      return ((await response.json()) as { items: Found[] }).items.map(({ id, match }) => [id, match]);
    };
    expect(await ask('bob@user.example')).toEqual([['u-1', 'exact']]);
    expect(await ask('builder')).toEqual([['u-1', 'words']]);
    expect(await ask('ada@customer.example')).toEqual([['o-1', 'words']]);
    expect(await ask('ada@custmer.example')).toEqual([['o-1', 'similar']]);
    // The extension that finds likenesses is in no application's schema.
    const url = new URL(other.databaseUrl);
    url.searchParams.set('schema', 'their shop');
    const elsewhere = createDatabase({ url: url.href, poolSize: 2, acquireTimeoutMs: 5_000 });
    expect(await ask('ada@custmer.example', elsewhere)).toEqual([['o-1', 'similar']]);
    await elsewhere.$disconnect();
  } finally {
    await theirs.$disconnect();
    await other.close();
  }
});

test('log lines go when they are too old or too many, orders stay', async () => {
  const count = async (condition: string) => {
    const sql = `SELECT count(*)::INT AS "count" FROM "documents" WHERE ${condition}`;
    return (await world.rows<{ count: number }>(search, sql))[0]?.count ?? 0;
  };
  const logs = `"kind" = 'log'`;
  const others = await count(`NOT ${logs}`);
  // Of a thousand bulk lines, four a minute, those of the last hundred minutes; and two of today.
  await housekeep(aSearch({ retentionMs: Date.now() - (minute(149) + 30_000) }));
  expect(await count(logs)).toBe(400 + 2);
  await housekeep(aSearch({ max: 10 }));
  expect(await count(logs)).toBe(10);
  expect(await count(`NOT ${logs}`)).toBe(others);
});

async function housekeep({ maintenance }: Projection): Promise<void> {
  await inTransaction(world.pool, async (client) => {
    await useSchema(client, 'projection_search');
    await maintenance?.run(transactionOf(client, true));
  });
}

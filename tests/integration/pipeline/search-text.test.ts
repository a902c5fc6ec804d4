/** Search's text on real Kafka and PostgreSQL: what is seen is found, at a cost that is bounded. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProjectionOutdated, ensureSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import type { EventType, Payload } from '../../../workflows/events.ts';
import { createTestDatabase, createTestPool } from '../../support/stack.ts';
import { anOrder } from '../../support/orders.ts';
import { createTestApp } from '../../unit/http/support/test-app.ts';
import { aSearch } from './support/search.ts';
import { createPipelineWorld, type PipelineWorld, type Produced } from './support/world.ts';

interface Page {
  readonly items: { readonly id: string; readonly text: { text: string; match: boolean }[] }[];
  readonly nextCursor?: string;
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
  await world.start(search);
});
afterAll(async () => {
  await database.$disconnect();
  await world.close();
});

const get = async (parameters: Record<string, string>) =>
  await app.request(`/v1/search?${new URLSearchParams(parameters).toString()}`);
async function itemsOf(q: string, own: Record<string, string> = {}): Promise<Page['items']> {
  const response = await get({ q, ...own });
  expect(response.status).toBe(200);
  return ((await response.json()) as Page).items;
}
const idsOf = async (q: string, own?: Record<string, string>) => (await itemsOf(q, own)).map(({ id }) => id);

/** Until all of it is in the tables. */
async function apply(...events: readonly Produced[]): Promise<void> {
  produced += events.length;
  await world.produce(...events);
  await world.applied(search, produced);
}

const log = (message: string, own: Partial<Payload<'service.log'>> = {}): Produced<'service.log'> => ({
  type: 'service.log',
  payload: { service: 'checkout', level: 'info', message, ...own },
});

test('words with other particles, in colours, and with what nobody sees in them', async () => {
  await apply(
    log('Kafka를 다시 시작했습니다 ko-1'),
    log('결제를 거절했습니다 ko-1'),
    log('책을 배송함, 돈이 부족함 ko-1'),
    log('\u001b[31mERROR\u001b[0m \u001b[1mtinted\u001b[22m gateway ko-2'),
    log('Zahlungs\u00adverkehr and check\u2060out ko-3'),
    log('✔️ delivered ko-4'),
    { type: 'order.created', payload: anOrder({ orderId: 'o-100' }) },
  );
  const particles = [
    '가',
    '는',
    '도',
    '에는',
    '에도',
    '에서도',
    '까지도',
    '만을',
    '으로는',
    '에게는',
    '한테',
    '밖에',
    '라도',
    '랑',
  ];
  const queries = [
    ...particles.flatMap((particle) => [`Kafka${particle} ko-1`, `결제${particle} ko-1`, `돈${particle} ko-1`]),
    ...['책 ko-1', '책이 ko-1을', 'tinted gateway', 'Zahlungsverkehr', 'checkout ko-3', 'delivered ✔️ ko-4'],
  ];
  for (const q of queries) expect([q, await idsOf(q, { kind: 'log' })]).toEqual([q, [expect.any(String)]]);
  expect(await idsOf('o-100을')).toEqual(['orderSaga:o-100', 'o-100']);
  const [line] = await itemsOf('tinted');
  expect(line?.text.map(({ text }) => text).join('')).toBe('ERROR tinted gateway ko-2');
});

test('the longest lines, by the expensive query, at once and on pages that stay small', async () => {
  const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '나'.repeat(1_000)]));
  await apply(...Array.from({ length: 20 }, () => log('가'.repeat(16_384), { attributes })));
  const q = Array(16).fill('가'.repeat(14)).join(' ');
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const began = performance.now();
    const response = await get({ q, limit: '200', ...(cursor && { cursor }) });
    const body = await response.text();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(Buffer.byteLength(body)).toBeLessThan(4 * 1024 * 1024);
    const { items, nextCursor } = JSON.parse(body) as Page;
    seen.push(...items.map(({ id }) => id));
    cursor = nextCursor;
  } while (cursor);
  expect([seen.length, new Set(seen).size]).toEqual([20, 20]);
});

test('tables whose tokens were made otherwise ask for a rebuild', async () => {
  const fresh = await createTestDatabase();
  const pool = createTestPool(fresh.url, 1);
  try {
    await ensureSchema(pool, { ...search, tables: search.tables.replace(/-- format \d+/, '-- format 1') });
    await expect(ensureSchema(pool, search)).rejects.toThrow(ProjectionOutdated);
  } finally {
    await pool.end();
    await fresh.close();
  }
});

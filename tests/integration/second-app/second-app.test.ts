/**
 * A second application, as its own processes on real servers: it imports the engine alone, and no variable, table, topic or route
 * of the reference is asked for. tests/unit/house/imports.test.ts says that its files import nothing of the reference.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/kafka.ts';
import { createTestDatabase, createTestPool, testEnvironment, type TestDatabase } from '../../support/stack.ts';
import { startMain, type RunningProcess } from '../http/support/gateway-process.ts';

const MAIN = 'tests/support/second-app/main.ts';
const refused = `g-${randomUUID()}`;
/** What a card can be spent by. */
const CODE = 'quartz-walnut';

let database: TestDatabase;
let issuer: Server;
let environment: Record<string, string>;
let all: RunningProcess;
const running: RunningProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  issuer = startIssuer();
  await once(issuer, 'listening');
  const own = `gift-shop-${randomUUID()}`;
  environment = testEnvironment({
    ...{ DATABASE_URL: database.url, KAFKA_GROUP_ID: own, TEMPORAL_TASK_QUEUE: own },
    GIFT_CARD_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`,
  });
});
afterAll(async () => {
  for (const one of running) one.kill('SIGTERM');
  await Promise.all(running.map(({ ended }) => ended));
  issuer.close();
  await database.close();
});

/** A real one of few words: it refuses one card, and gives the others a code. */
function startIssuer(): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { cardId } = JSON.parse(Buffer.concat(chunks).toString()) as { cardId: string };
      const [status, answer] = cardId === refused ? [422, { why: 'no' }] : [200, { code: CODE }];
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
}

async function get<T>(path: string): Promise<{ status: number; body: T }> {
  const response = await fetch(`${all.url()}${path}`);
  return { status: response.status, body: (await response.json()) as T };
}

function post(path: string, body: string, type = 'application/json'): Promise<Response> {
  return fetch(`${all.url()}${path}`, { method: 'POST', body, headers: { 'Content-Type': type } });
}

const order = (cardId: string) =>
  post('/v1/events/gift-card.ordered', JSON.stringify({ cardId, amount: 5_000, currency: 'EUR' }));

const stateOf = async (cardId: string) =>
  (await get<{ state: string }>(`/v1/sagas/giftCardSaga%3A${cardId}`)).body.state;

/** What a command said, once it ended well. */
async function outputOf(...args: readonly string[]): Promise<string> {
  const command = startMain(MAIN, environment, args);
  expect(await command.ended).toMatchObject({ code: 0, errors: '' });
  return command.output();
}

test('without its one variable, it says so', async () => {
  expect(await startMain(MAIN, { ...environment, GIFT_CARD_URL: '' }, ['all-in-one']).ended).toMatchObject({
    code: 2,
    errors: expect.stringContaining('GIFT_CARD_URL') as string,
  });
});

test('migrates an empty database, makes its own topics, and runs', async () => {
  const lines = (await outputOf('migrate')).trim().split('\n').sort();
  expect(lines).toEqual([
    expect.stringMatching(/^database: applied /),
    expect.stringMatching(/^search-attributes: registered /),
    expect.stringMatching(/^topics: all \d+ are there$/),
  ]);
  all = startMain(MAIN, environment, ['all-in-one']);
  const pipeline = startMain(MAIN, environment, ['pipeline']);
  running.push(all, pipeline);
  await all.until('everything runs');
  await pipeline.until('the projections run');
});

test('a card is ordered, issued, seen, found and told of', async () => {
  const cardId = `g-${randomUUID()}`;
  const live = await fetch(`${all.url()}/v1/live?kinds=cards`);
  const heard = untilHeard(live, cardId);
  expect((await order(cardId)).status).toBe(202);
  await eventually(async () => expect(await stateOf(cardId)).toBe('completed'));
  const views = await post('/v1/card-views', `${JSON.stringify({ cardId })}\n`.repeat(3), 'application/x-ndjson');
  expect([views.status, await views.json()]).toMatchObject([202, { accepted: 3, refused: 0 }]);

  await eventually(async () =>
    expect((await get(`/v1/gift-cards/${cardId}`)).body).toEqual({ id: cardId, issued: true, views: 3 }),
  );
  await eventually(async () =>
    expect((await get(`/v1/search?q=${cardId}`)).body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ kind: 'giftcard', id: cardId, state: 'issued' }),
        expect.objectContaining({ kind: 'saga', id: `giftCardSaga:${cardId}`, state: 'completed' }),
      ]) as unknown,
    }),
  );
  await heard;
});

test('what a kind of the search does not keep is in none of its tables, neither by the kind nor by the saga', async () => {
  await eventually(async () =>
    expect((await get('/v1/events?type=gift-card.issued')).body).toMatchObject({
      items: [{ payload: { code: CODE } }],
    }),
  );
  const pool = createTestPool(database.url, 1);
  try {
    const { rows } = await pool.query<{ text: string }>(
      `SELECT "subjects"::text AS "text" FROM "projection_search"."subjects"
       UNION ALL SELECT "documents"::text FROM "projection_search"."documents"`,
    );
    const texts = rows.map(({ text }) => text).join('\n');
    expect(texts).toContain('gift-card.issued');
    expect(texts).not.toMatch(/quartz/);
  } finally {
    await pool.end();
  }
});

/** Reads server-sent events until one of the kind `cards` names the card. */
async function untilHeard(live: Response, cardId: string): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of live.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.split('\n\n').some((event) => event.includes('event: cards\n') && event.includes(cardId))) return;
  }
  throw new Error(`the stream ended: ${text}`);
}

test('a refused card is rejected', async () => {
  expect((await order(refused)).status).toBe(202);
  await eventually(async () => expect(await stateOf(refused)).toBe('rejected'));
});

test('its API and its views are the engine’s and its own, and nobody else’s', async () => {
  const { body } = await get<{ paths: Record<string, unknown> }>('/openapi.json');
  const paths = Object.keys(body.paths);
  expect(paths).toEqual(
    expect.arrayContaining(['/v1/gift-cards/{id}', '/v1/card-views', '/v1/events/gift-card.ordered']),
  );
  expect(paths.filter((path) => /order\.|users|behaviour|logs|activity|stats/.test(path))).toEqual([]);
  expect((await get('/v1/search?q=a&kind=order')).status).toBe(400);

  const states = JSON.parse(await outputOf('saga', 'projection', 'list', '--json')) as { name: string }[];
  expect(states.map(({ name }) => name)).toEqual(['archive', 'cards', 'search']);
});

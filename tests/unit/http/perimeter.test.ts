/** What a request may bring, and how much of this process it may hold, before anything is asked of a server. */
import { describe, expect, test } from 'vitest';
import { startHttpServer } from '../../../packages/sagaline/http/server.ts';
import type { LiveFeed } from '../../../packages/sagaline/live/live-feed.ts';
import { anOrder } from '../../support/orders.ts';
import { rawRequest } from './support/raw-request.ts';
import { createTestApp, problemOf } from './support/test-app.ts';

const ORDERS = '/v1/events/order.created';
const order = JSON.stringify(anOrder());

describe('query parameters that a route does not know', () => {
  test.each([
    ['/v1/sagas?sagaId=t-1', 'sagaId'],
    ['/v1/sagas?state=running&sort=name', 'sort'],
    ['/v1/sagas/orderSaga:o-1?full=true', 'full'],
    ['/v1/dead-letters?saga.id=1', 'saga.id'],
    ['/v1/stats/orders?service=a', 'service'],
    ['/v1/search?q=a&page=2', 'page'],
    ['/v1/live?kind=saga', 'kind'],
    ['/v1/events?keys=o-1', 'keys'],
    ['/v1/behaviour/funnel?limit=1', 'limit'],
    ['/metrics?name=x', 'name'],
    ['/healthz?a', 'a'],
    ['/openapi.json?v=3', 'v'],
  ])('%s is 400, and names it', async (path, name) => {
    const { app } = createTestApp();
    const { status, errors } = await problemOf(await app.request(path));
    expect([status, errors]).toEqual([400, [{ field: name, reason: 'is not known here' }]]);
  });

  test('are refused with a body, too, and nothing is done', async () => {
    const { post, produced } = createTestApp();
    const { status, errors } = await problemOf(await post(`${ORDERS}?dryRun=true`, order));
    expect([status, errors?.[0]?.field, produced]).toEqual([400, 'dryRun', []]);
  });

  test('an unknown resource stays 404, another method 405', async () => {
    const { app } = createTestApp();
    expect((await app.request('/v1/nothing?a=1')).status).toBe(404);
    expect((await app.request('/v1/sagas?a=1', { method: 'DELETE' })).status).toBe(405);
  });

  test('every operation of the document says that it may answer 400', async () => {
    const { app } = createTestApp();
    const { paths } = (await (await app.request('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { responses: object }>>;
    };
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        expect(Object.keys(responses), `${method} ${path}`).toContain('400');
      }
    }
  });
});

describe('a header that may come once', () => {
  test.each([
    ['Idempotency-Key', 'k-1', 'k-1'],
    ['Idempotency-Key', 'k-1', 'k-2'],
    ['Content-Type', 'application/json', 'text/plain'],
    ['X-Api-Key', 'first-key-0123456789', 'first-key-0123456789'],
  ])('%s: %s and %s is 400, and produces nothing', async (name, first, second) => {
    const { app, produced } = createTestApp();
    const server = await startHttpServer(app.fetch, { host: '127.0.0.1', port: 0 });
    const own = name === 'Content-Type' ? [] : ['Content-Type: application/json'];
    const answer = await rawRequest(server.url, {
      head: [`POST ${ORDERS} HTTP/1.1`, ...own, `${name}: ${first}`, `${name}: ${second}`],
      body: order,
    });
    await server.close();
    expect(answer).toMatch(/^HTTP\/1.1 400 .*malformed-request/s);
    expect(answer).toContain(`"field":"${name}","reason":"came more than once"`);
    expect(produced).toEqual([]);
  });

  test('a trace context that came twice is dropped, never a reason to refuse', async () => {
    const { app, produced } = createTestApp();
    const server = await startHttpServer(app.fetch, { host: '127.0.0.1', port: 0 });
    const trace = 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const answer = await rawRequest(server.url, {
      head: ['POST /v1/activity HTTP/1.1', 'Content-Type: application/x-ndjson', trace, trace],
      body: '{"userId":"u-1","action":"viewed"}',
    });
    await server.close();
    expect(answer).toMatch(/^HTTP\/1.1 202 /);
    expect(produced.map(({ headers }) => headers)).toEqual([{}]);
  });
});

describe('text that no store takes', () => {
  const SAGA = '/v1/sagas/orderSaga:o-1';
  test.each<[string, string, string]>([
    [`${SAGA}/cancel`, String.raw`{"reason":"a\u0000b"}`, 'reason'],
    [`${SAGA}/cancel`, String.raw`{"reason":"half an emoji \ud83d"}`, 'reason'],
    [`${SAGA}/cancel`, String.raw`{"reason":"ok","by":"mi\u0000na"}`, 'by'],
    [`${SAGA}/parked/payment/skip`, String.raw`{"by":"mina","reason":"\ude00"}`, 'reason'],
    [`${SAGA}/parked/payment/done`, String.raw`{"by":"mina","evidence":"\u0000"}`, 'evidence'],
    [`${SAGA}/parked/payment/retry`, String.raw`{"by":"\ud800"}`, 'by'],
    ['/v1/events/order.cancel-requested', String.raw`{"orderId":"o-1","reason":"a\u0000b"}`, 'reason'],
    [ORDERS, order.replace('"sku":"', String.raw`"sku":"\u0000`), 'items[0].sku'],
    ['/v1/orders', order.replace('"sku":"', String.raw`"sku":"\ud83d`), 'items[0].sku'],
    ['/v1/users', String.raw`{"email":"a@customer.example","name":"A\u0000"}`, 'name'],
    ['/v1/users', String.raw`{"email":"a@customer.example","name":"A","locale":"\udc00"}`, 'locale'],
    ['/v1/events/user.activity', String.raw`{"userId":"u-1","action":"\u0000"}`, 'action'],
  ])('%s %s is 422 with its path', async (path, body, field) => {
    const { post, produced } = createTestApp();
    const { status, errors } = await problemOf(await post(path, body));
    expect([status, errors?.map((error) => error.field), produced]).toEqual([422, [field], []]);
  });

  test('a whole emoji is text', async () => {
    const { post } = createTestApp();
    expect((await post(`${SAGA}/cancel`, '{"reason":"\u{1F600}"}')).status).toBe(503);
  });

  test('the document says so of every reason, evidence and name', async () => {
    const { app } = createTestApp();
    const { components } = (await (await app.request('/openapi.json')).json()) as {
      components: { schemas: Record<string, { properties: Record<string, { pattern?: string }> }> };
    };
    for (const [schema, field] of [
      ['CancelRequest', 'reason'],
      ['SkipParked', 'reason'],
      ['DoneParked', 'evidence'],
    ] as const) {
      const pattern = components.schemas[schema]?.properties[field]?.pattern ?? '';
      expect(new RegExp(pattern, 'u').test('a\u{1F600}b'), schema).toBe(true);
      for (const bad of ['a\0b', 'half \ud83d']) expect(new RegExp(pattern, 'u').test(bad), schema).toBe(false);
    }
  });
});

describe('event types that come from inside', () => {
  test.each(['alert.raised', 'order.completed', 'payment.refunded', 'alert.notified'])(
    '%s is not taken from outside',
    async (type) => {
      const { post, produced } = createTestApp();
      const problem = await problemOf(await post(`/v1/events/${type}`, order));
      expect([problem.status, problem.type]).toEqual([422, 'urn:sagaline:problem:event-not-accepted']);
      expect(produced).toEqual([]);
    },
  );
});

describe('readers of /v1/live', () => {
  /** A feed whose first answer takes a moment, as PostgreSQL's does: what is counted only afterwards is counted too late. */
  function slowFeed() {
    const begun: (() => void)[] = [];
    const feed: LiveFeed = {
      now: () => new Promise((resolve) => void begun.push(() => resolve({ xid: 1n, id: 0n }))),
      hasGap: () => Promise.resolve(false),
      next: (_after, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve([]))),
      close: () => Promise.resolve(),
    };
    return { feed, begin: () => begun.splice(0).forEach((one) => one()), begun };
  }

  test('200 at once are bounded as 200 one after the other are', async () => {
    const { feed, begin, begun } = slowFeed();
    const { app } = createTestApp({ live: feed, options: { maxLiveReaders: 10 } });
    const asked = Array.from({ length: 200 }, async () => await app.request('/v1/live'));
    await expect.poll(() => begun.length).toBeGreaterThan(0);
    begin();
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(190);
    for (const answer of answers) await answer.body?.cancel();
  });

  test('HEAD is answered and holds no place', async () => {
    const { feed } = slowFeed();
    const { app } = createTestApp({
      live: { ...feed, now: () => Promise.resolve({ xid: 1n, id: 0n }) },
      options: { maxLiveReaders: 2 },
    });
    for (let count = 0; count < 5; count++) {
      const head = await app.request('/v1/live', { method: 'HEAD' });
      expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    }
    const reader = await app.request('/v1/live');
    expect(reader.status).toBe(200);
    await reader.body?.cancel();
  });

  test('whose start fails, or who goes away, gives its place back', async () => {
    const { feed } = slowFeed();
    let down = true;
    const { app } = createTestApp({
      live: {
        ...feed,
        now: () => (down ? Promise.reject(new Error('secret_table')) : Promise.resolve({ xid: 1n, id: 0n })),
      },
      options: { maxLiveReaders: 1 },
    });
    expect((await app.request('/v1/live')).status).toBe(500);
    down = false;
    for (let count = 0; count < 3; count++) {
      const reader = await app.request('/v1/live');
      expect(reader.status).toBe(200);
      await reader.body?.cancel();
      await new Promise(setImmediate);
    }
  });

  test('what fails in the middle goes to the log, redacted, and not to standard error', async () => {
    const { feed } = slowFeed();
    const { app, lines } = createTestApp({
      live: {
        ...feed,
        now: () => Promise.resolve({ xid: 1n, id: 0n }),
        next: () => Promise.reject(Object.assign(new Error('lost'), { name: 'Lost' })),
      },
    });
    const said: unknown[] = [];
    const original = console.error;
    console.error = (...args) => void said.push(args);
    const text = await (await app.request('/v1/live')).text().finally(() => (console.error = original));
    expect(said).toEqual([]);
    expect(text).not.toContain('lost');
    expect(lines.map((line) => JSON.parse(line) as { msg: string })).toContainEqual(
      expect.objectContaining({ msg: 'a live reader was cut off' }),
    );
  });
});

describe('slow bodies', () => {
  const upload = (app: ReturnType<typeof createTestApp>['app'], path: string, type: string) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (one) => void (controller = one),
      cancel: () => void (controller = undefined),
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'Content-Type': type } } as RequestInit;
    const answer = Promise.resolve(app.request(path, init));
    return { answer, end: () => controller?.close(), push: (text: string) => controller?.enqueue(Buffer.from(text)) };
  };

  test('hold no place: a batch and an event go past them', async () => {
    const { app, post } = createTestApp({ options: { maxInFlight: 2 } });
    const slow = ['/v1/logs', '/v1/activity', '/v1/logs', '/v1/logs'].map((path) =>
      upload(app, path, 'application/x-ndjson'),
    );
    const slowJson = Array.from({ length: 4 }, () => upload(app, ORDERS, 'application/json'));
    await new Promise(setImmediate);
    const line = '{"service":"shop","level":"info","message":"hello"}\n';
    expect((await post('/v1/logs', line, { 'Content-Type': 'application/x-ndjson' })).status).toBe(202);
    expect((await post('/v1/events/user.activity', '{"userId":"u-1","action":"login"}')).status).toBe(202);
    for (const one of [...slow, ...slowJson]) one.end();
    for (const one of [...slow, ...slowJson]) expect((await one.answer).status).toBe(400);
  });

  test('hold no more bytes together than a bound: what is above it is 429, and they give them back', async () => {
    const { app, post } = createTestApp({ options: { bodyLimitBytes: 1_000, batchLimitBytes: 1_000 } });
    const slow = Array.from({ length: 40 }, () => upload(app, '/v1/logs', 'application/x-ndjson'));
    for (const one of slow) one.push(' '.repeat(900));
    const refused = await Promise.race(slow.map(({ answer }) => answer));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    for (const one of slow) one.end();
    await Promise.all(slow.map(({ answer }) => answer));
    const line = '{"service":"shop","level":"info","message":"hello"}\n';
    expect((await post('/v1/logs', line, { 'Content-Type': 'application/x-ndjson' })).status).toBe(202);
  });
});

test('a client that goes away is logged as closed, not as an error of ours', async () => {
  const { app, lines } = createTestApp();
  const server = await startHttpServer(app.fetch, { host: '127.0.0.1', port: 0 });
  const gone = new AbortController();
  const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
  const headers = { 'Content-Type': 'application/json' };
  const asked = fetch(`${server.url}${ORDERS}`, {
    ...{ method: 'POST', body, duplex: 'half', headers, signal: gone.signal },
  });
  setTimeout(() => gone.abort(), 100);
  await expect(asked).rejects.toThrow();
  await expect.poll(() => lines.length).toBe(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 30, status: 499, route: '/v1/events/:type' });
  await server.close();
});

import { describe, expect, test } from 'vitest';
import { anOrder } from '../../support/orders.ts';
import { createTestApp, problemOf } from './support/test-app.ts';

const ORDERS = '/v1/events/order.created';
const order = JSON.stringify(anOrder());
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('a body that cannot be read is refused with 400 (failure mode 51)', () => {
  test.each([
    ['empty', ''],
    ['cut off', order.slice(0, -5)],
    ['no JSON', 'orderId=o-1'],
    ['with a trailing comma', '{"orderId":"o-1",}'],
    ['100 levels deep', nested(100)],
    ['10 000 levels deep', nested(10_000)],
    ['10 000 arrays deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
    ['with an overlong encoding', new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
  ])('%s', async (_name, body) => {
    const { post, produced } = createTestApp();
    const problem = await problemOf(await post(ORDERS, body));
    expect(problem).toMatchObject({ status: 400, type: 'urn:sagaline:problem:malformed-request' });
    expect(produced).toEqual([]);
  });

  test('and the answer does not repeat it', async () => {
    const { post } = createTestApp();
    const response = await post(ORDERS, '{"contact":{"email":"ada@customer.example"');
    expect(await response.text()).not.toContain('ada');
  });
});

describe('keys that reach for a prototype are refused (failure mode 55)', () => {
  test.each([
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__, escaped', '{"__\\u0070roto__":{"admin":true}}'],
    ['constructor', '{"constructor":{"prototype":{"admin":true}}}'],
    ['__proto__, deep inside', order.replace('{"sku"', '{"__proto__":{"admin":true},"sku"')],
  ])('%s', async (_name, body) => {
    const { post, produced } = createTestApp();
    const response = await post(ORDERS, body);
    expect(response.status).toBe(400);
    expect(produced).toEqual([]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('a body of another type is refused with 415 (failure mode 52)', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
  ])('%s', async (type) => {
    const { post, produced } = createTestApp();
    const response = await post(ORDERS, order, { 'Content-Type': type });
    expect((await problemOf(response)).status).toBe(415);
    expect(produced).toEqual([]);
  });

  test('without a type', async () => {
    const { app } = createTestApp();
    const response = await app.request(ORDERS, { method: 'POST', body: new TextEncoder().encode(order) });
    expect((await problemOf(response)).status).toBe(415);
  });

  test('compressed', async () => {
    const { post } = createTestApp();
    expect((await post(ORDERS, order, { 'Content-Encoding': 'gzip' })).status).toBe(415);
  });
});

test('a body that is too large is refused with 413, also when its length is not announced (failure mode 53)', async () => {
  const { app, post, produced } = createTestApp({ options: { bodyLimitBytes: 1_000 } });
  const announced = await post(ORDERS, ' '.repeat(1_001), { 'Content-Length': '1001' });
  expect((await problemOf(announced)).status).toBe(413);
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(600)) });
  const init = { method: 'POST', body: endless, duplex: 'half', headers: { 'Content-Type': 'application/json' } };
  const streamed = await app.request(ORDERS, init as RequestInit);
  expect((await problemOf(streamed)).status).toBe(413);
  expect(produced).toEqual([]);
});

describe('content that does not fit is refused with 422, and every field is named', () => {
  test('by its path in the body', async () => {
    const { post, produced } = createTestApp();
    const wrong = { ...anOrder(), currency: 'euro', items: [{ sku: 'book', quantity: 0, unitPrice: 1 }] };
    const { status, errors } = await problemOf(await post(ORDERS, JSON.stringify(wrong)));
    expect(status).toBe(422);
    expect(errors?.map(({ field }) => field)).toEqual(['currency', 'items[0].quantity']);
    expect(produced).toEqual([]);
  });

  test.each(['null', '[]', '"o-1"', '42'])('%s is no order', async (body) => {
    const { post } = createTestApp();
    expect((await problemOf(await post(ORDERS, body))).status).toBe(422);
  });
});

describe('event types', () => {
  test('that nobody knows are 404', async () => {
    const { post } = createTestApp();
    expect((await problemOf(await post('/v1/events/order.teleported', order))).status).toBe(404);
    expect((await problemOf(await post('/v1/events/__proto__', order))).status).toBe(404);
  });

  test('that sagas emit are not taken: nobody can forge an outcome', async () => {
    const { post, produced } = createTestApp();
    const problem = await problemOf(await post('/v1/events/order.completed', order));
    expect(problem).toMatchObject({ status: 422, type: 'urn:sagaline:problem:event-not-accepted' });
    expect(produced).toEqual([]);
  });
});

describe('API keys', () => {
  const apiKeys = ['first-key-0123456789', 'second-key-012345678'];

  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ['a wrong one', { 'X-Api-Key': 'first-key-012345678x' }],
    ['a part of one', { 'X-Api-Key': 'first-key' }],
    ['an empty one', { 'X-Api-Key': '' }],
    ['one in the wrong scheme', { Authorization: 'Basic first-key-0123456789' }],
  ])('%s: 401', async (_name, headers) => {
    const { app, post } = createTestApp({ options: { apiKeys } });
    const response = await post(ORDERS, order, headers);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await problemOf(response)).status).toBe(401);
    for (const path of ['/metrics', '/openapi.json', '/v1/sagas', '/nowhere']) {
      expect((await app.request(path, { headers })).status, path).toBe(401);
    }
  });

  test.each<[string, Record<string, string>]>([
    ['X-Api-Key', { 'X-Api-Key': 'second-key-012345678' }],
    ['Bearer', { Authorization: 'Bearer first-key-0123456789' }],
  ])('%s lets in', async (_name, headers) => {
    const { app } = createTestApp({ options: { apiKeys } });
    expect((await app.request('/metrics', { headers })).status).toBe(200);
  });

  test('are not asked for by health and readiness', async () => {
    const { app } = createTestApp({ options: { apiKeys } });
    expect((await app.request('/healthz')).status).toBe(200);
    expect((await app.request('/readyz')).status).toBe(200);
  });
});

describe('resources', () => {
  test.each([
    '/',
    '/v1',
    '/v1/nothing',
    '/v1/sagas/o-1',
    '/v1/sagas/orderSaga:',
    '/v1/sagas/orderSaga:o%00',
    '/v1/dead-letters/x',
  ])('%s is 404', async (path) => {
    const { app } = createTestApp();
    expect((await problemOf(await app.request(path))).status).toBe(404);
  });

  test('with another method are 405, and say which they take', async () => {
    const { app } = createTestApp();
    const response = await app.request('/v1/sagas', { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect((await problemOf(response)).status).toBe(405);
    expect((await app.request(ORDERS)).status).toBe(405);
  });

  test.each(['state=asleep', 'limit=0', 'limit=201', 'limit=ten', 'cursor=bm9uc2Vuc2U'])(
    'with ?%s are 400',
    async (query) => {
      const { app } = createTestApp();
      const { status, errors } = await problemOf(await app.request(`/v1/sagas?${query}`));
      expect(status).toBe(400);
      expect(errors?.[0]?.field).toBe(query.split('=', 1)[0]);
    },
  );
});

test('an Idempotency-Key that is none is refused with 400', async () => {
  const { post, produced } = createTestApp();
  for (const key of ['', 'x'.repeat(256), 'sch\u00f6n']) {
    const { status, errors } = await problemOf(await post(ORDERS, order, { 'Idempotency-Key': key }));
    expect([status, errors?.[0]?.field]).toEqual([400, 'Idempotency-Key']);
  }
  expect(produced).toEqual([]);
});

test('a database that does not answer is 503, and nothing of it is told', async () => {
  const { app, lines } = createTestApp();
  const response = await app.request('/v1/sagas');
  expect(response.headers.get('retry-after')).toBe('2');
  const text = await response.text();
  expect([response.status, text.includes('127.0.0.1')]).toEqual([503, false]);
  expect(lines.join('')).toContain('PrismaClientKnownRequestError');
});

test('more requests than may be in flight are 429, whatever their routes, and those before them are answered', async () => {
  const acknowledge: (() => void)[] = [];
  const { post } = createTestApp({
    options: { maxInFlight: 2 },
    producer: { send: () => new Promise((resolve) => void acknowledge.push(resolve)) },
  });
  const activity = async () => await post('/v1/events/user.activity', '{"userId":"u-1","action":"login"}');
  const first = [activity(), activity()];
  await expect.poll(() => acknowledge.length).toBe(2);
  for (const refused of [await activity(), await post('/v1/orders', order)]) {
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await problemOf(refused)).status).toBe(429);
  }
  for (const one of acknowledge) one();
  for (const response of await Promise.all(first)) expect(response.status).toBe(202);
});

test('Kafka that does not take an event in time is 503, and the request may be repeated', async () => {
  const { post } = createTestApp({
    options: { produceTimeoutMs: 50 },
    producer: { send: () => new Promise(() => undefined) },
  });
  const response = await post('/v1/events/user.activity', '{"userId":"u-1","action":"login"}');
  expect(response.headers.get('retry-after')).toBe('2');
  expect((await problemOf(response)).status).toBe(503);
});

test('what was not foreseen is 500 without a word about the inside', async () => {
  const { post, lines } = createTestApp({
    failpoint: () => {
      throw new TypeError('secret_table is undefined');
    },
  });
  const response = await post('/v1/events/user.activity', '{"userId":"u-1","action":"login"}');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/secret_table|TypeError/);
  expect(lines.join('')).toContain('secret_table');
});

test('readiness names each part, and bounds those that hang', async () => {
  const { app } = createTestApp({
    readiness: {
      database: () => ({ ok: true }),
      temporal: () => new Promise(() => undefined),
      consumer: () => Promise.reject(new Error('10.0.0.1 refused')),
    },
  });
  const response = await app.request('/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    ready: false,
    parts: {
      database: { ok: true },
      temporal: { ok: false, detail: 'does not answer in time' },
      consumer: { ok: false, detail: 'does not work' },
    },
  });
});

describe('request ids', () => {
  test('that are sane are kept, others are replaced', async () => {
    const { app } = createTestApp();
    const of = async (id: string) => {
      const response = await app.request('/nowhere', { headers: { 'X-Request-Id': id } });
      return [response.headers.get('x-request-id'), (await problemOf(response)).instance] as const;
    };
    expect(await of('abc-123')).toEqual(['abc-123', 'urn:sagaline:request:abc-123']);
    for (const id of ['x'.repeat(65), 'a b', '<script>']) expect((await of(id))[0]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('the log has route, status, saga and time, and neither body nor key', async () => {
  const { app, post, lines } = createTestApp({ options: { apiKeys: ['first-key-0123456789'] } });
  const headers = { 'X-Api-Key': 'first-key-0123456789', 'X-Request-Id': 'r-1' };
  await post(ORDERS, JSON.stringify({ ...anOrder(), amount: -1 }), headers);
  await app.request('/v1/sagas/orderSaga:o-1', { headers });
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({ route: '/v1/events/:type', status: 422, requestId: 'r-1', method: 'POST' });
  expect(first?.['ms']).toBeGreaterThanOrEqual(0);
  expect(second).toMatchObject({ route: '/v1/sagas/:id', saga: 'orderSaga:o-1', status: 503 });
  expect(lines.join('')).not.toMatch(/ada@customer|tok_ok|first-key/);
});

/** Whom and what the edge of the API lets in, before any route is asked. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createHealthApp } from '../../../packages/sagaline/http/operations/health-app.ts';
import { anOrder } from '../../support/orders.ts';
import { createTestApp, problemOf } from './support/test-app.ts';

const ACTIVITY = '/v1/events/user.activity';
const activity = '{"userId":"u-1","action":"login"}';

describe('without API keys, on loopback, a name that was made to point here is refused (DNS rebinding)', () => {
  const { app, produced } = createTestApp({ options: { allowedHosts: ['sagas.shop.example'] } });
  const ask = async (base: string, path = '/v1/sagas') => await app.request(`${base}${path}`);

  test.each([
    'http://rebound.attacker.example:8080',
    'http://127.0.0.1.attacker.example',
    'http://localhost.attacker.example',
    'http://10.0.0.1:8080',
    'http://[fe80::1]:8080',
    'http://shop.example',
    'http://x.sagas.shop.example',
  ])('%s', async (base) => {
    for (const path of ['/v1/search?q=x', '/v1/sagas', '/metrics', '/openapi.json', '/nowhere']) {
      expect(await problemOf(await ask(base, path))).toMatchObject({
        status: 421,
        type: 'urn:sagaline:problem:misdirected-request',
        detail: expect.stringContaining('HTTP_ALLOWED_HOSTS') as string,
      });
    }
    const headers = { 'Content-Type': 'application/json' };
    const posted = await app.request(`${base}${ACTIVITY}`, { method: 'POST', body: activity, headers });
    expect([posted.status, produced]).toEqual([421, []]);
  });

  test.each([
    'http://127.0.0.1:8080',
    'http://127.8.8.8',
    'http://localhost:8080',
    'http://LOCALHOST',
    'http://localhost.',
    'http://[::1]:8080',
    'http://sagas.shop.example:443',
  ])('and %s is not', async (base) => {
    expect((await ask(base, '/openapi.json')).status).toBe(200);
  });

  test('probes may use any name: health says nothing that is secret', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await ask('http://10.0.0.7:8080', path)).status).toBe(200);
  });

  test('a process without the API keeps to the same', async () => {
    const { observer, metrics, logger } = createParts();
    const health = createHealthApp({
      observer,
      metrics,
      logger,
      readiness: {},
      options: { apiKeys: [], allowedHosts: [] },
    });
    expect((await health.request('http://rebound.attacker.example/metrics')).status).toBe(421);
    expect((await health.request('http://127.0.0.1/metrics')).status).toBe(200);
    expect((await health.request('http://10.0.0.7/readyz')).status).toBe(200);
  });

  test('where no names are set, with API keys, any name may be used', async () => {
    const open = createTestApp({ options: { apiKeys: ['first-key-0123456789'] } });
    const headers = { 'X-Api-Key': 'first-key-0123456789' };
    expect((await open.app.request('http://gateway:8080/metrics', { headers })).status).toBe(200);
  });
});

function createParts() {
  const metrics = { contentType: 'text/plain', render: () => Promise.resolve('') };
  const observer = { requestEnded: () => undefined, eventAccepted: () => undefined };
  return { metrics, observer, logger: pino({ level: 'silent' }) };
}

describe('what changes something comes from no other site’s page', () => {
  const { app } = createTestApp({ options: { allowedHosts: ['sagas.shop.example'] } });
  const post = async (headers: Record<string, string>) =>
    await app.request(`http://127.0.0.1:8080${ACTIVITY}`, {
      ...{ method: 'POST', body: activity },
      headers: { 'Content-Type': 'application/json', ...headers },
    });

  test.each<Record<string, string>>([
    { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://attacker.example' },
    { 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:3000' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'https://attacker.example' },
    { Origin: 'http://127.0.0.1:3000' },
    { Origin: 'http://localhost:8080' },
    { Origin: 'null' },
    { Origin: '' },
  ])('%j is refused', async (headers) => {
    expect(await problemOf(await post(headers))).toMatchObject({
      status: 403,
      type: 'urn:sagaline:problem:cross-site',
    });
  });

  test.each<Record<string, string>>([
    {},
    { Origin: 'http://127.0.0.1:8080' },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://behind-a-proxy.example' },
    { 'Sec-Fetch-Site': 'none' },
    { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://sagas.shop.example' },
  ])('%j is taken', async (headers) => {
    expect((await post(headers)).status).toBe(202);
  });

  test('reading is not asked where it comes from', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://attacker.example' };
    expect((await app.request('/openapi.json', { headers })).status).toBe(200);
  });
});

describe('Content-Encoding', () => {
  const bodies = [
    ['/v1/events/order.created', 'application/json', JSON.stringify(anOrder())],
    ['/v1/logs', 'application/x-ndjson', '{"service":"shop","level":"info","message":"hello"}\n'],
  ] as const;
  const post = async ([path, type, body]: (typeof bodies)[number], encoding: string) =>
    await createTestApp().app.request(path, {
      ...{ method: 'POST', body },
      headers: { 'Content-Type': type, 'Content-Encoding': encoding },
    });

  test.each(['gzip', 'br', 'identity, gzip', 'gzip, identity', 'unknown', ';', 'identity gzip'])(
    '%j is 415',
    async (encoding) => {
      for (const body of bodies) {
        const response = await post(body, encoding);
        expect(response.headers.get('accept-encoding')).toBe('identity');
        expect(await problemOf(response)).toMatchObject({
          status: 415,
          detail: expect.stringContaining('without Content-Encoding') as string,
        });
      }
    },
  );

  test.each(['identity', 'Identity', ' identity , identity', ''])('%j is none', async (encoding) => {
    // An event that starts a saga looks for its row first: without a database that is 503, after the encoding was taken.
    for (const body of bodies) expect([202, 503]).toContain((await post(body, encoding)).status);
  });
});

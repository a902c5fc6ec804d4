import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApp } from '../../../packages/sagaline/http/app.ts';
import { startHttpServer, type HttpServer } from '../../../packages/sagaline/http/server.ts';
import { anOrder } from '../../support/orders.ts';
import { createApi, type Api } from './support/api.ts';

const REQUEST_TIMEOUT_MS = 600;
const HEAD = ['POST /v1/events/order.created HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];

describe('the HTTP server', () => {
  let api: Api;
  let server: HttpServer;
  /** The same, with API keys. */
  let guarded: HttpServer;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    api = await createApi();
    const app = createHttpApp({ ...api.deps, options: { ...api.deps.options, bodyLimitBytes: 4_096 } });
    server = await startHttpServer(app.fetch, { host: '127.0.0.1', port: 0, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  });
  beforeAll(async () => {
    const options = { ...api.deps.options, apiKeys: ['a-key-of-16-chars'] };
    guarded = await startHttpServer(createHttpApp({ ...api.deps, options }).fetch, { host: '127.0.0.1', port: 0 });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(async () => {
    await Promise.all([server.close(), guarded.close()]);
    await api.close();
  });

  /** A raw connection, and all that comes back until the server hangs up. */
  function open(to = server) {
    const socket = connect(Number(new URL(to.url).port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    const answer = once(socket, 'close').then(() => Buffer.concat(chunks).toString());
    return { socket, answer };
  }

  function get(from: HttpServer, path: string): Promise<string> {
    const { socket, answer } = open(from);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    return answer;
  }

  const head = (...lines: string[]) => [...HEAD, ...lines, '', ''].join('\r\n');
  const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`;

  test('answers 413 to a chunked body that is too large, and hangs up before it ends (failure mode 53)', async () => {
    const { socket, answer } = open();
    socket.write(head('Transfer-Encoding: chunked'));
    for (let sent = 0; sent < 6_000; sent += 1_000) socket.write(chunk(1_000));
    expect(await answer).toMatch(/^HTTP\/1.1 413 .*application\/problem\+json.*body-too-large/s);
  });

  test('answers 413 to an announced body that is too large without reading it', async () => {
    const { socket, answer } = open();
    socket.write(head('Content-Length: 1000000'));
    expect(await answer).toMatch(/^HTTP\/1.1 413 /);
  });

  test('takes a chunked body within the limit', async () => {
    const body = JSON.stringify(anOrder({ orderId: `chunked-${Date.now()}` }));
    const { socket, answer } = open();
    socket.write(head('Transfer-Encoding: chunked', 'Connection: close'));
    for (const part of body.match(/.{1,50}/gs) ?? []) socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    socket.write('0\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1.1 202 /);
  });

  test.each([
    ['headers', 'POST /v1/events/order.created HTTP/1.1\r\nHost: localhost\r\nX-Slow'],
    ['a body', head('Content-Length: 100')],
  ])('hangs up on %s that never end(s) (failure mode 66)', async (_what, text) => {
    const start = performance.now();
    const { socket, answer } = open();
    socket.write(text);
    await answer;
    expect(performance.now() - start).toBeLessThan(20 * REQUEST_TIMEOUT_MS);
  });

  test('hangs up on a reader who takes nothing of its answer, and keeps none of it', async () => {
    const body = new Uint8Array(64 * 1024 * 1024);
    const closed = new Promise<void>((resolve) => {
      const serve: typeof api.app.fetch = (_request, env) => {
        (env as { incoming: IncomingMessage }).incoming.socket.once('close', () => resolve());
        return new Response(body);
      };
      void startHttpServer(serve, { host: '127.0.0.1', port: 0, idleTimeoutMs: 500 }).then((other) => (big = other));
    });
    let big: HttpServer | undefined;
    await expect.poll(() => big).toBeDefined();
    const { socket, answer } = open(big);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await closed;
    socket.resume();
    expect((await answer).length).toBeLessThan(body.length);
    await big?.close();
  });

  test('refuses two lengths, and a length beside chunks: nobody smuggles a second request', async () => {
    for (const lines of [
      ['Content-Length: 5', 'Content-Length: 6'],
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ]) {
      const { socket, answer } = open();
      socket.write(`${head(...lines)}0\r\n\r\n`);
      expect(await answer).toMatch(/^HTTP\/1.1 400 /);
    }
  });

  test.each(['/healthz', '/readyz'])('answers a probe of HTTP/1.0, which has no Host, at %s', async (path) => {
    for (const probed of [server, guarded]) {
      const { socket, answer } = open(probed);
      socket.write(`GET ${path} HTTP/1.0\r\n\r\n`);
      expect(await answer).toMatch(/^HTTP\/1.1 200 .*\r\n\r\n\{/s);
    }
  });

  test.each(['GET /healthz HTTP/1.1\r\nHost: a b', 'GET /healthz HTTP/1.1\r\nHost: x@y'])(
    'says in words that %j cannot be read',
    async (text) => {
      const { socket, answer } = open();
      socket.write(`${text}\r\nConnection: close\r\n\r\n`);
      expect(await answer).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*malformed-request/s);
    },
  );

  test.each(['/v1/sagas/../../etc/passwd', '/v1/sagas/%2e%2e%2f%2e%2e%2fetc%2fpasswd', '/%2e%2e/etc/passwd'])(
    'answers 404 to %s (failure mode 64)',
    async (path) => expect(await get(server, path)).toMatch(/^HTTP\/1.1 404 /),
  );

  test.each(['/healthz/../v1/sagas', '/healthz/%2e%2e/v1/sagas', '//v1/sagas', '/v1//sagas', '/V1/sagas'])(
    'finds no way around the API key by %s',
    async (path) => expect(await get(guarded, path)).toMatch(/^HTTP\/1.1 401 /),
  );

  test('lets an answer in hand end when it closes, and takes no new connection', async () => {
    let finish: () => void = () => undefined;
    const begun = new Promise<void>((begin) => {
      const app = createHttpApp({
        ...api.deps,
        readiness: {
          slow: () =>
            new Promise((resolve) => {
              finish = () => resolve({ ok: true });
              begin();
            }),
        },
      });
      void startHttpServer(app.fetch, { host: '127.0.0.1', port: 0 }).then((other) => (closing = other));
    });
    let closing: HttpServer | undefined;
    await expect.poll(() => closing?.url).toBeDefined();
    const url = closing?.url ?? '';
    const answer = fetch(`${url}/readyz`);
    await begun;
    const closed = closing?.close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    finish();
    expect((await answer).status).toBe(200);
    await closed;
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttp, NoUsableAnswer, RequestRefused } from '../../../packages/sagaline/participants/http.ts';

const http = createHttp();
const seen: { method?: string | undefined; key?: unknown; authorization?: string | undefined; body: string }[] = [];
let server: Server;
let url: string;

/** Answers with the status and body that its path says: `/422/{"a":1}`. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const [, status = '200', ...rest] = decodeURIComponent(request.url ?? '').split('/');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method, headers } = request;
      seen.push({ method, key: headers['idempotency-key'], authorization: headers.authorization, body });
      if (status !== 'silent') response.writeHead(Number(status)).end(rest.join('/'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const at = (status: string | number, body = '') => `${url}/${status}/${encodeURIComponent(body)}`;

test('a POST carries its key, our API key and JSON; the answer is parsed', async () => {
  const answer = await http.post(at(201, '{"id":"b-1"}'), { key: 'k-1', body: { sku: 's-1' }, apiKey: 'secret' });
  expect(answer).toEqual({ status: 201, body: { id: 'b-1' } });
  expect(seen.at(-1)).toEqual({ method: 'POST', key: 'k-1', authorization: 'Bearer secret', body: '{"sku":"s-1"}' });
  expect(await http.get(at(204))).toEqual({ status: 204, body: undefined });
});

test('so do PUT and DELETE, which has no body', async () => {
  await http.put(at(201), { key: 'k-1', body: { sku: 's-1' } });
  expect(seen.at(-1)).toMatchObject({ method: 'PUT', key: 'k-1', body: '{"sku":"s-1"}' });
  await http.delete(at(204), { key: 'k-1/undo' });
  expect(seen.at(-1)).toMatchObject({ method: 'DELETE', key: 'k-1/undo', body: '' });
});

test.each([400, 402, 404, 410, 422])('HTTP %i is final, unless the caller takes it for an answer', async (status) => {
  const refused: unknown = await http.get(at(status, '{"a":1}')).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RequestRefused);
  expect(refused).toMatchObject({ nonRetryable: true });
  expect(await http.get(at(status, '{"a":1}'), { answers: [status] })).toEqual({ status, body: { a: 1 } });
  expect(await http.get(at(status, '<html>'), { answers: [status] })).toEqual({ status, body: undefined });
});

test.each([401, 403, 408, 409, 429, 500, 503])('HTTP %i is tried again', async (status) => {
  const failure: unknown = await http.post(at(status), { key: 'k', body: {} }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NoUsableAnswer);
  expect(failure).toMatchObject({ nonRetryable: false });
});

test('so is what makes no sense, comes too late, or goes elsewhere; no message quotes what was sent', async () => {
  const asked = [
    http.get(at(200, 'not JSON, but secret')),
    http.get(at('silent', 'secret'), { withinMs: 50 }),
    http.get('http://127.0.0.1:9/secret'),
    http.get(at(302, 'secret')),
  ];
  for (const failure of await Promise.all(asked.map((one) => one.catch((error: unknown) => error)))) {
    expect(failure).toBeInstanceOf(NoUsableAnswer);
    expect((failure as Error).message).not.toContain('secret');
  }
});

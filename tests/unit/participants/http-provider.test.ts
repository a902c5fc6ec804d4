import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpProvider } from '../../../activities/payment/http-provider.ts';
import type { PaymentProvider } from '../../../activities/payment/ports.ts';

/** A provider that answers whatever the test says: the sandbox is too well-behaved for this. */
let server: Server;
let provider: PaymentProvider;
let answer = { status: 200, body: '' };
beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  provider = createHttpProvider({ url: `http://127.0.0.1:${port}`, timeoutMs: 2_000 });
});
afterAll(() => server.close());

const request = { subjectId: 'o-1', amount: 5, currency: 'EUR', token: 'tok_secret', idempotencyKey: 'k-1' };
const error = (code: string, more = {}) => JSON.stringify({ error: { code, ...more } });

test.each([
  { status: 500, body: error('internal_error') },
  { status: 503, body: '' },
  { status: 429, body: error('rate_limited') },
  { status: 408, body: '' },
  { status: 409, body: error('idempotency_key_in_use') },
  { status: 409, body: '' },
  { status: 423, body: error('locked') },
  { status: 425, body: error('too_early') },
  { status: 401, body: error('unauthenticated') },
  { status: 201, body: '{"id":"ch_\\u0000","status":"captured"}' },
  { status: 201, body: `{"id":"ch_${'1'.repeat(300)}","status":"captured"}` },
  { status: 200, body: `"${'x'.repeat(100_000)}"` },
  { status: 200, body: 'not json' },
  { status: 200, body: '{"id":"ch_1"}' },
  { status: 201, body: '{"id":"ch_1","status":"pending"}' },
  { status: 302, body: '' },
  { status: 400, body: '<html>a proxy speaks</html>' },
])('HTTP $status with $body is retryable: it may be mended, or the money may have moved', async (reply) => {
  answer = reply;
  const failure: unknown = await provider.charge(request).catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
  expect(String(failure)).not.toContain('tok_secret');
});

test.each([
  { status: 400, body: error('invalid_request'), type: 'PaymentRejected', says: 'invalid_request' },
  { status: 422, body: error('currency_unsupported'), type: 'PaymentRejected', says: 'currency_unsupported' },
  { status: 409, body: error('idempotency_key_reused'), type: 'KeyReused', says: 'k-1' },
  { status: 422, body: error('idempotency_key_reused'), type: 'KeyReused', says: 'k-1' },
  {
    status: 400,
    body: error('card 4111111111111111 of ada@customer.example'),
    type: 'PaymentRejected',
    says: 'unspecified',
  },
])('HTTP $status with $body is final: $type', async ({ type, says, ...reply }) => {
  answer = reply;
  const failure: unknown = await provider.charge(request).catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ type, nonRetryable: true });
  expect(String(failure)).toContain(says);
});

test('a decline is an answer, with its reason', async () => {
  answer = { status: 402, body: error('card_declined', { reason: 'expired_card' }) };
  expect(await provider.charge(request)).toEqual({ status: 'declined', reason: 'expired_card' });
});

test('a charge that was refunded under another key is refunded', async () => {
  answer = { status: 409, body: error('already_refunded', { refundId: 're_1' }) };
  const refund = provider.refund({ subjectId: 'o-1', chargeId: 'ch_1', idempotencyKey: 'k-2' });
  expect(await refund).toEqual({ refundId: 're_1' });
});

test.each([
  { status: 409, body: error('idempotency_key_in_use') },
  { status: 429, body: error('lock_timeout') },
  { status: 503, body: '' },
])('a refund answered by HTTP $status with $body is retryable', async (reply) => {
  answer = reply;
  const refund = provider.refund({ subjectId: 'o-1', chargeId: 'ch_1', idempotencyKey: 'k-2' });
  await expect(refund).rejects.toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
});

test('an answer that drips without an end is given up in time', async () => {
  const dripping = createServer((_request, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drip));
  }).listen(0, '127.0.0.1');
  await once(dripping, 'listening');
  const { port } = dripping.address() as AddressInfo;
  const slow = createHttpProvider({ url: `http://127.0.0.1:${port}`, timeoutMs: 200 });
  await expect(slow.findCharge('k-1')).rejects.toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
  dripping.close();
});

test('nobody at the address is retryable', async () => {
  const nobody = createHttpProvider({ url: 'http://127.0.0.1:9', timeoutMs: 500 });
  await expect(nobody.findCharge('k-1')).rejects.toMatchObject({ type: 'ProviderUnavailable', nonRetryable: false });
});

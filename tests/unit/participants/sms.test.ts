import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSmsCarrier } from '../../../activities/notification/sms.ts';
import type { Carrier } from '../../../activities/notification/ports.ts';

/** A carrier that answers whatever the test says. */
let server: Server;
let carrier: Carrier;
let answer: { status: number; body: string } = { status: 200, body: '' };
beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  carrier = createSmsCarrier({ smsUrl: `http://127.0.0.1:${port}` });
});
afterAll(() => server.close());

const send = () =>
  carrier.send({
    messageId: 'm-1',
    recipient: '+4915112345678',
    content: { subject: '', text: '', html: '', short: 'hello' },
    withinMs: 2_000,
  });
const error = (code: string) => JSON.stringify({ error: { code } });

test.each([
  { status: 400, body: error('invalid_number'), code: 'sms_invalid_number' },
  { status: 422, body: error('no such number as +4915112345678'), code: 'sms_unspecified' },
])('HTTP $status with $body is about the recipient: final', async ({ code, ...reply }) => {
  answer = reply;
  await expect(send()).rejects.toMatchObject({ name: 'Refused', code });
});

test.each([
  { status: 401, certain: true },
  { status: 423, certain: true },
  { status: 425, certain: true },
  { status: 429, certain: true },
  { status: 503, certain: true },
  // The key is in use: an attempt before this one is being sent, or was.
  { status: 409, certain: false },
  { status: 408, certain: false },
  { status: 500, certain: false },
  { status: 504, certain: false },
])('HTTP $status is retryable, and whether nothing went out is certain: $certain', async ({ status, certain }) => {
  answer = { status, body: error('whatever') };
  await expect(send()).rejects.toMatchObject({ type: 'NotDelivered', nonRetryable: false, certain });
});

test('a refusal that is not the carrier’s own is not final', async () => {
  answer = { status: 404, body: '<html>a proxy speaks</html>' };
  await expect(send()).rejects.toMatchObject({ type: 'NotDelivered', nonRetryable: false });
});

test('what the carrier took is sent, whatever it says beside', async () => {
  answer = { status: 202, body: 'queued' };
  await send();
});

test('an answer without an end is cut', async () => {
  answer = { status: 500, body: 'x'.repeat(1024 * 1024) };
  const failure: unknown = await send().catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ type: 'NotDelivered', nonRetryable: false });
  expect(String(failure)).toContain('AnswerTooLarge');
});

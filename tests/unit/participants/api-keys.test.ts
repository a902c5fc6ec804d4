/** Keys for the payment provider and the SMS carrier, as they arrive there. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSmsCarrier } from '../../../activities/notification/sms.ts';
import { createHttpProvider } from '../../../activities/payment/http-provider.ts';

let server: Server;
let url: string;
const seen: IncomingMessage['headers'][] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.headers);
    const body = request.method === 'GET' ? { charges: [] } : { status: 'captured', id: 'ch-1' };
    request.resume().on('end', () => response.end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const charge = { subjectId: 'o-1', amount: 1, currency: 'EUR', token: 'tok_ok', idempotencyKey: 'k-1' };
const message = { messageId: 'm-1', recipient: '+4915112345678', withinMs: 2_000 };
const content = { subject: 's', text: 't', html: 'h', short: 't' };

test.each([
  ['provider-key', 'Bearer provider-key'],
  [undefined, undefined],
])('%s is sent with every request to the provider and the carrier', async (apiKey, expected) => {
  seen.length = 0;
  const provider = createHttpProvider({ url, apiKey, timeoutMs: 2_000 });
  await provider.charge(charge);
  await provider.findCharge('k-1');
  await createSmsCarrier({ smsUrl: url, apiKey }).send({ ...message, content });
  expect(seen.map(({ authorization }) => authorization)).toEqual(Array(3).fill(expected));
});

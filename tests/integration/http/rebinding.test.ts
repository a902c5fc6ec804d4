/** A gateway without API keys, as a process: who reaches it on loopback, and who does not. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unique } from '../../support/kafka.ts';
import { createTestDatabase, testEnvironment, type TestDatabase } from '../../support/stack.ts';
import { startProcess, type RunningProcess } from './support/gateway-process.ts';

let database: TestDatabase;
let gateway: RunningProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  const own = {
    DATABASE_URL: database.url,
    KAFKA_GROUP_ID: unique('rebinding'),
    HTTP_ALLOWED_HOSTS: 'sagas.shop.example',
  };
  gateway = startProcess('gateway', testEnvironment(own), ['--only', 'http']);
  await gateway.until('the gateway runs');
});
afterAll(async () => {
  gateway.kill('SIGTERM');
  await gateway.ended;
  await database.close();
});

async function ask(path: string, headers: Record<string, string>, method = 'GET') {
  const asking = request(`${String(gateway.url())}${path}`, { method, headers });
  asking.end(method === 'POST' ? '{"userId":"u-1","action":"login"}' : undefined);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return [response.statusCode, await text(response)] as const;
}

test('a page whose name was made to point here reads nothing, and health answers to any name', async () => {
  const rebound = { Host: 'rebound.attacker.example:8080' };
  expect(await ask('/v1/sagas', rebound)).toEqual([421, expect.stringContaining('HTTP_ALLOWED_HOSTS')]);
  expect((await ask('/readyz', rebound))[0]).toBe(200);
  expect((await ask('/v1/sagas', { Host: 'localhost:1' }))[0]).toBe(200);
  expect((await ask('/v1/sagas', { Host: 'sagas.shop.example' }))[0]).toBe(200);
});

test('a page of another site changes nothing', async () => {
  const json = { 'Content-Type': 'application/json' };
  const path = '/v1/events/user.activity';
  expect((await ask(path, { ...json, Origin: 'https://attacker.example' }, 'POST'))[0]).toBe(403);
  expect((await ask(path, { ...json, Origin: String(gateway.url()) }, 'POST'))[0]).toBe(202);
});

/** `npm run replay -- --from-server` and `npm run history -- record` on a live namespace, with sagas that run. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startSaga } from '../../replay/corpus/running-saga.ts';
import { openServers, type Servers } from '../../replay/corpus/servers.ts';
import { readHistories } from '../../../packages/sagaline/testing/replay/histories.ts';
import { runTool } from '../../replay/support/run-tool.ts';
import { anOrder } from '../../support/orders.ts';
import { createTestDatabase, testEnvironment, type TestDatabase } from '../../support/stack.ts';

const id = (name: string) => `${name}-${randomUUID()}`;
const [completed, slow] = [id('completed'), id('slow')];
const both = `BusinessKey IN ('${completed}', '${slow}')`;

let database: TestDatabase;
let servers: Servers;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sagaline-histories-'));
  database = await createTestDatabase();
  servers = await openServers({ ...inject('stack'), databaseUrl: database.url });
});
afterAll(async () => {
  await servers.close();
  await database.close();
  await rm(directory, { recursive: true });
});

const replay = (...args: string[]) => runTool('replay', ['--from-server', ...args], testEnvironment());
const record = (...args: string[]) => runTool('history', ['record', ...args, '--into', directory], testEnvironment());

function order(orderId: string, token: string, email = 'ada@customer.example') {
  const data = anOrder({ orderId, paymentMethod: { token }, contact: { email } });
  return startSaga(servers, { sagaName: 'orderSaga', sagaId: orderId, type: 'order.created', data });
}

test('replays what has ended and what still runs', async () => {
  await (await order(completed, 'tok_ok')).history();
  // Never answered while this test runs, and retried; the cancel at the end lets the stack go in peace.
  const running = await order(slow, 'tok_timeout');
  await running.untilAsking('payment');

  const { code, output } = await replay('--query', both);
  expect(output).toMatch(new RegExp(`orderSaga:${completed} .* ok$`, 'm'));
  expect(output).toMatch(new RegExp(`orderSaga:${slow} .* ok$`, 'm'));
  expect(output).toMatch(/^2 replayed in .*: 2 ok, 0 failed$/m);
  expect(code).toBe(0);

  const newestOfAll = await replay('--limit', '1');
  expect(newestOfAll.output).toMatch(/^1 replayed.*\nstopped at the limit of 1/m);
  expect(newestOfAll.code).toBe(0);
  await running.cancelInTemporal();
});

test('finding nothing is no success', async () => {
  const { code, output } = await replay('--query', "BusinessKey = 'nobody'");
  expect(output).toContain("no workflow matches BusinessKey = 'nobody'");
  expect(code).toBe(2);
});

test('a query that Temporal does not understand is told so', async () => {
  const { code, output } = await replay('--query', 'WorkflowType equals orderSaga');
  expect(output).toContain('Temporal does not understand the query WorkflowType equals orderSaga');
  expect(code).toBe(2);
});

test('records a history that replays, once', async () => {
  const orderId = id('recorded');
  await (await order(orderId, 'tok_ok')).history();
  const workflowId = `orderSaga:${orderId}`;

  expect(await record(workflowId, '--name', 'recorded')).toMatchObject({ code: 0 });
  expect(await readHistories(directory)).toMatchObject([{ name: 'recorded', workflowId, saga: 'orderSaga' }]);
  expect(await record(workflowId, '--name', 'recorded')).toMatchObject({
    code: 2,
    output: 'histories are only ever added to, and these exist: recorded\n',
  });
});

test('does not record what may be about a real person, nor what is not there', async () => {
  const orderId = id('real');
  await (await order(orderId, 'tok_ok', 'somebody@gmail.com')).history();
  const refused = await record(`orderSaga:${orderId}`);
  expect(refused.output).toContain('may be about a real person, and is not added');
  expect(refused.output).not.toContain('gmail');
  expect(refused.code).toBe(2);

  const absent = await record('orderSaga:nobody');
  expect(absent.output).toContain('there is no workflow orderSaga:nobody');
  expect(absent.code).toBe(2);
});

/** Health of processes that serve no API: a worker, and a gateway without its HTTP part. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { connectTemporal } from '../../../packages/sagaline/temporal/connect.ts';
import { createSagaStarter } from '../../../packages/sagaline/temporal/start-saga.ts';
import { fetchJson } from '../../../packages/sagaline/dev/fetch-json.ts';
import { eventually, unique } from '../../support/kafka.ts';
import { aNewOrder } from '../../support/orders.ts';
import { createTestDatabase, testEnvironment, type TestDatabase } from '../../support/stack.ts';
import { startProcess, type RunningProcess } from './support/gateway-process.ts';

interface Readiness {
  ready: boolean;
  parts: Record<string, { ok: boolean; detail?: string }>;
}

const KEY = 'a-key-for-metrics-only';

describe('health without an API', () => {
  const running: RunningProcess[] = [];
  let database: TestDatabase;
  let environment: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    environment = testEnvironment({ DATABASE_URL: database.url, TEMPORAL_TASK_QUEUE: unique('health') });
  });
  afterEach(async () => {
    for (const one of running.splice(0)) {
      one.kill('SIGTERM');
      await one.ended;
    }
  });
  afterAll(() => database.close());

  function start(file: 'gateway' | 'worker', own: Record<string, string> = {}, args: string[] = []): RunningProcess {
    const started = startProcess(file, { ...environment, ...own }, args);
    running.push(started);
    return started;
  }

  async function ask(one: RunningProcess, path: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${String(one.url())}${path}`, { headers });
    return { status: response.status, text: await response.text() };
  }
  const readiness = async (one: RunningProcess) => {
    const { status, text } = await ask(one, '/readyz');
    return { status, ...(JSON.parse(text) as Readiness) };
  };

  test('a worker says what works, and serves nothing else', async () => {
    const worker = start('worker');
    await worker.until('the worker polls');
    const { status, ready, parts } = await readiness(worker);
    expect([status, ready]).toEqual([200, true]);
    expect(Object.keys(parts).sort()).toEqual(['database', 'process', 'start', 'temporal', 'worker']);
    expect(await ask(worker, '/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect((await ask(worker, '/metrics')).text).toContain('sagaline_sagas_open');
    for (const path of ['/v1/sagas', '/openapi.json', '/']) expect((await ask(worker, path)).status).toBe(404);
  });

  test('a worker needs no API keys on any address; where there are keys, metrics want one and health none', async () => {
    const open = start('worker', { HTTP_HOST: '0.0.0.0' });
    const keyed = start('worker', { HTTP_HOST: '0.0.0.0', API_KEYS: KEY });
    await Promise.all([open.until('the worker polls'), keyed.until('the worker polls')]);
    expect((await ask(open, '/metrics')).status).toBe(200);
    expect((await ask(keyed, '/metrics')).status).toBe(401);
    expect((await ask(keyed, '/metrics', { Authorization: `Bearer ${KEY}` })).status).toBe(200);
    expect((await ask(keyed, '/readyz')).status).toBe(200);
    const gateway = await start('gateway', { HTTP_HOST: '0.0.0.0' }).ended;
    expect([gateway.code, gateway.errors]).toEqual([2, expect.stringContaining('API_KEYS')]);
  });

  test('a worker that drains lives, and is not ready, until its charge has ended', async () => {
    const worker = start('worker');
    await worker.until('the worker polls');
    const config = readConfig(environment);
    const temporal = await connectTemporal({ config: config.temporal });
    const order = aNewOrder({ paymentMethod: { token: 'tok_slow_3000' } });
    await createSagaStarter({ temporal, taskQueue: config.temporal.taskQueue, settings: {} })({
      sagaName: 'orderSaga',
      type: 'order.created',
      businessKey: order.orderId,
      input: { sagaId: order.orderId, eventId: order.orderId, data: order },
    });
    const charges = `${environment['PAYMENT_URL'] ?? ''}/v1/ledger?orderId=${order.orderId}`;
    const handle = temporal.client.workflow.getHandle(`orderSaga:${order.orderId}`);
    await eventually(async () => {
      const { raw } = await handle.describe();
      expect(raw.pendingActivities?.map(({ activityType }) => activityType?.name)).toEqual(['payment.charge']);
    });

    worker.kill('SIGTERM');
    await eventually(async () => {
      expect(await readiness(worker)).toMatchObject({ status: 503, parts: { process: { detail: 'is stopping' } } });
    });
    expect((await ask(worker, '/healthz')).status).toBe(200);
    expect(await worker.ended).toMatchObject({ code: 0, errors: '' });
    expect((await fetchJson<{ entries: unknown[] }>(charges)).entries).toHaveLength(1);
    await handle.terminate('the test is over');
    await temporal.close();
  });

  test('a gateway without its HTTP part has it, too', async () => {
    const relay = start('gateway', {}, ['--only', 'relay']);
    await relay.until('the gateway runs');
    await eventually(async () => {
      const { status, parts } = await readiness(relay);
      expect([status, Object.keys(parts).sort()]).toEqual([200, ['database', 'process', 'relay', 'start', 'temporal']]);
    });
  });

  test('off is off, and a port that is taken is named', async () => {
    const silent = start('worker', { HEALTH_PORT: 'off' });
    await silent.until('the worker polls');
    expect(silent.url()).toBeUndefined();

    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const { code, errors } = await start('worker', { HEALTH_PORT: String(port) }).ended;
    squatter.close();
    expect([code, errors]).toEqual([1, expect.stringMatching(new RegExp(`127.0.0.1:${port} .*HEALTH_PORT`))]);
  });
});

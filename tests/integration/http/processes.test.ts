import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { environmentOf } from '../../../packages/sagaline/dev/addresses.ts';
import type { EphemeralStack } from '../../../stack/ephemeral.ts';
import { eventually } from '../../support/kafka.ts';
import { anOrder } from '../../support/orders.ts';
import { startStack } from '../../support/stack.ts';
import { startProcess, type RunningProcess } from './support/gateway-process.ts';

interface Detail {
  state: string;
  parked: string[];
  stepsFrom: string;
  steps: { name: string; attempts: number; compensation?: { state: string; attempts: number } }[];
  emitted: { type: string; publishedAt?: string }[];
  temporal: { known: string; runId?: string; url: string };
}

const ORDERS = '/v1/events/order.created';
const anOrderId = () => `o-${randomUUID()}`;

/** These read whole topics and start every order on them: they need servers to themselves. */
describe('the processes', () => {
  let stack: EphemeralStack;
  let environment: Record<string, string>;
  let database: Database;
  const running: RunningProcess[] = [];

  beforeAll(async () => {
    stack = await startStack({ name: 'processes' });
    environment = { ...environmentOf(stack.addresses), HTTP_PORT: '0' };
    database = createDatabase({ url: stack.addresses.databaseUrl, poolSize: 2, acquireTimeoutMs: 5_000 });
  }, 120_000);
  afterEach(async () => {
    for (const one of running.splice(0)) await stop(one);
  });
  afterAll(async () => {
    await database.$disconnect();
    await stack.down();
  });

  /** As an operator does it: a member that leaves its group does not keep the next one waiting. */
  async function stop(one: RunningProcess): Promise<void> {
    one.kill('SIGTERM');
    await one.ended;
  }

  function start(...args: Parameters<typeof startProcess>): RunningProcess {
    const [file, own, argv] = args;
    const started = startProcess(file, { ...environment, ...own }, argv);
    running.push(started);
    return started;
  }

  async function call<T>(one: RunningProcess, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers },
    };
    const response = await fetch(`${one.url()}${path}`, body === undefined ? {} : init);
    return { status: response.status, body: (await response.json()) as T };
  }

  const saga = async (one: RunningProcess, orderId: string) =>
    (await call<Detail>(one, `/v1/sagas/orderSaga%3A${orderId}`)).body;
  const inState = (one: RunningProcess, orderId: string, state: string) =>
    eventually(async () => expect((await saga(one, orderId)).state).toBe(state));

  test('a gateway that dies in a request: the client retries, the same answer and one saga (failure mode 4)', async () => {
    const orderId = anOrderId();
    const headers = { 'Idempotency-Key': randomUUID() };
    const dying = start('gateway', { SAGALINE_FAILPOINTS: 'http.before-answer' }, ['--only', 'http']);
    await dying.until('the gateway runs');
    await expect(call(dying, ORDERS, anOrder({ orderId }), headers)).rejects.toThrow('fetch failed');
    expect((await dying.ended).signal).toBe('SIGKILL');

    const gateway = start('all-in-one', {});
    await gateway.until('everything runs');
    const answers = [
      await call(gateway, ORDERS, anOrder({ orderId }), headers),
      await call(gateway, ORDERS, anOrder({ orderId }), headers),
    ];
    expect(answers[0]).toMatchObject({ status: 202, body: { eventId: `ce:/sagaline/http:order.created/${orderId}` } });
    expect(answers[1]).toEqual(answers[0]);
    await inState(gateway, orderId, 'completed');
    expect(await applicationTables(database).payment.count({ where: { orderId } })).toBe(1);
    expect(await database.inboxEvent.count({ where: { key: orderId } })).toBe(1);
  });

  describe('all in one', () => {
    let one: RunningProcess;
    beforeAll(async () => {
      one = startProcess('all-in-one', environment);
      await one.until('everything runs');
    });
    afterAll(() => stop(one));

    test('starts workflows eagerly, and tells a completed saga’s story', async () => {
      const orderId = anOrderId();
      await call(one, ORDERS, anOrder({ orderId }));
      await inState(one, orderId, 'completed');
      await eventually(async () => {
        const { emitted } = await saga(one, orderId);
        expect(emitted.map(({ type }) => type)).toEqual(['payment.completed', 'notification.sent', 'order.completed']);
        expect(emitted.every(({ publishedAt }) => publishedAt !== undefined)).toBe(true);
      });
      const detail = await saga(one, orderId);
      expect(detail).toMatchObject({ stepsFrom: 'stored', temporal: { known: 'yes' } });
      expect(detail.steps.map(({ name, attempts }) => `${name} ${attempts}`)).toEqual([
        'payment 1',
        'notification 1',
        'analytics 1',
      ]);

      const connection = await Connection.connect({ address: stack.addresses.temporalAddress });
      const { events } = await new Client({ connection }).workflow.getHandle(`orderSaga:${orderId}`).fetchHistory();
      expect(events?.[0]?.workflowExecutionStartedEventAttributes?.eagerExecutionAccepted).toBe(true);
      await connection.close();
    });

    test('50 starts of one order at once are one saga (failure mode 47)', async () => {
      const orderId = anOrderId();
      const answers = await Promise.all(Array.from({ length: 50 }, () => call(one, ORDERS, anOrder({ orderId }))));
      expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
      await inState(one, orderId, 'completed');
      expect(await applicationTables(database).payment.count({ where: { orderId } })).toBe(1);
      expect(await database.outboxEvent.count({ where: { key: orderId, type: 'order.completed' } })).toBe(1);
    });

    test('a parked step: two operators, one effect, and an answer for both', async () => {
      const orderId = anOrderId();
      const contact = { email: 'refused@customer.example' };
      await call(one, ORDERS, anOrder({ orderId, contact, paymentMethod: { token: 'tok_refund_refused' } }));
      const parked = `/v1/sagas/orderSaga%3A${orderId}/parked/payment`;
      const untilParked = (attempts: number) =>
        eventually(async () => {
          const detail = await saga(one, orderId);
          expect([detail.parked, detail.stepsFrom]).toEqual([['payment'], 'workflow']);
          expect(detail.steps[0]?.compensation?.attempts).toBe(attempts);
        });
      await untilParked(1);
      const listed = await call<{ items: { sagaId: string }[] }>(one, '/v1/sagas?state=parked');
      expect(listed.body.items.map(({ sagaId }) => sagaId)).toEqual([orderId]);

      const retries = await Promise.all(
        ['ann', 'bob'].map((by) => call<{ by: string }>(one, `${parked}/retry`, { by })),
      );
      expect(retries.map(({ status }) => status)).toEqual([200, 200]);
      expect(retries[0]?.body).toEqual(retries[1]?.body);
      await untilParked(2);

      expect((await call(one, `/v1/sagas/orderSaga%3A${orderId}/parked/analytics/retry`, { by: 'ann' })).status).toBe(
        409,
      );
      const skip = { by: 'bob', reason: 'paid back by hand' };
      expect(await call(one, `${parked}/skip`, skip, { 'Idempotency-Key': 'k-1' })).toMatchObject({
        status: 200,
        body: { step: 'payment', action: 'skip', by: 'bob' },
      });
      await inState(one, orderId, 'rejected');
      expect((await call(one, `${parked}/skip`, skip, { 'Idempotency-Key': 'k-1' })).status).toBe(200);
      const done = await call<{ type: string }>(one, `${parked}/done`, { by: 'ann', evidence: 'ticket 7' });
      expect([done.status, done.body.type]).toEqual([409, 'urn:sagaline:problem:resolved-otherwise']);
    });

    test('a cancel by HTTP rolls back, once, however often it is sent', async () => {
      const orderId = anOrderId();
      await call(one, ORDERS, anOrder({ orderId, paymentMethod: { token: 'tok_slow_3000' } }));
      await eventually(async () => expect((await saga(one, orderId)).steps).toHaveLength(1));
      const cancel = () =>
        call(
          one,
          `/v1/sagas/orderSaga%3A${orderId}/cancel`,
          { reason: 'changed my mind' },
          { 'Idempotency-Key': 'c-1' },
        );
      const first = await cancel();
      expect(first.status).toBe(202);
      await inState(one, orderId, 'cancelled');
      expect(await cancel()).toEqual(first);
    });
  });

  test('gateway and worker apart; the worker gone, an operator is told so within a bound', async () => {
    const gateway = start('gateway', {});
    const worker = start('worker', {});
    await Promise.all([gateway.until('the gateway runs'), worker.until('the worker polls')]);
    const orderId = anOrderId();
    const contact = { email: 'refused@customer.example' };
    await call(gateway, ORDERS, anOrder({ orderId, contact, paymentMethod: { token: 'tok_refund_refused' } }));
    await eventually(async () => expect((await saga(gateway, orderId)).parked).toEqual(['payment']));
    worker.kill('SIGKILL');
    await worker.ended;
    const detail = await saga(gateway, orderId);
    expect([detail.stepsFrom, detail.parked]).toEqual(['stored', ['payment']]);
    const retry = await call(gateway, `/v1/sagas/orderSaga%3A${orderId}/parked/payment/retry`, { by: 'ann' });
    expect(retry.status).toBe(503);
  });

  test('SIGTERM drains within its bound: what was accepted goes on after the restart', async () => {
    const orderId = anOrderId();
    const first = start('all-in-one', {});
    await first.until('everything runs');
    await eventually(async () => expect((await call(first, '/readyz')).status).toBe(200));
    await call(first, ORDERS, anOrder({ orderId, paymentMethod: { token: 'tok_slow_1000' } }));
    await eventually(async () => expect((await saga(first, orderId)).steps).toHaveLength(1));
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0, errors: '' });
    expect(first.messages).toContain('stopped: received SIGTERM');

    const second = start('all-in-one', {});
    await second.until('everything runs');
    await inState(second, orderId, 'completed');
    expect(await applicationTables(database).payment.count({ where: { orderId } })).toBe(1);
  });

  describe('cannot start', () => {
    test('on a wrong configuration: every problem at once, exit code 2', async () => {
      const { code, errors } = await start('gateway', { HTTP_PORT: 'x', KAFKA_BROKERS: '?' }, ['--only', 'htttp'])
        .ended;
      expect(code).toBe(2);
      for (const name of ['HTTP_PORT', 'KAFKA_BROKERS', 'GATEWAY_PARTS']) expect(errors).toContain(name);
    });

    test('on a database that is not migrated', async () => {
      const url = new URL(stack.addresses.databaseUrl);
      url.pathname = '/postgres';
      const { code, errors } = await start('worker', { DATABASE_URL: url.href }).ended;
      expect([code, errors]).toEqual([
        1,
        expect.stringMatching(
          /^cannot start: the database lacks .*_functions, .*_tables, .*_application: .*npm run migrate/,
        ),
      ]);
    });

    test.each<[string, Record<string, string>]>([
      ['DATABASE_URL', { DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none' }],
      ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: '127.0.0.1:9' }],
      ['KAFKA_BROKERS', { KAFKA_BROKERS: '127.0.0.1:9' }],
    ])('while nobody answers at %s', async (name, own) => {
      const { code, errors } = await start('all-in-one', own).ended;
      expect([code, errors]).toEqual([1, expect.stringContaining(name)]);
      expect(errors).not.toContain('    at ');
    });

    test('on a port that is taken', async () => {
      const squatter = createServer().listen(0, '127.0.0.1');
      await once(squatter, 'listening');
      const { port } = squatter.address() as { port: number };
      const { code, errors } = await start('gateway', { HTTP_PORT: String(port) }, ['--only', 'http']).ended;
      squatter.close();
      expect([code, errors]).toEqual([1, expect.stringContaining(`HTTP cannot listen on 127.0.0.1:${port}`)]);
    });

    // The last one: nobody needs the topic after it.
    test('while a topic is missing (failure mode 34)', async () => {
      const admin = new Kafka({ brokers: [stack.addresses.kafkaBrokers], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: ['user.activity'] });
      await admin.disconnect();
      const { code, errors } = await start('gateway', {}, ['--only', 'consumer']).ended;
      expect([code, errors]).toEqual([
        1,
        expect.stringMatching(/^cannot start: Kafka has no topic named user.activity/),
      ]);
    });
  });
});

/** Sagas that do not go on by themselves: workflows that were ended from outside, and code that fails. Real processes, own servers. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { environmentOf } from '../../../packages/sagaline/dev/addresses.ts';
import type { EphemeralStack } from '../../../stack/ephemeral.ts';
import { eventually } from '../../support/kafka.ts';
import { anOrder } from '../../support/orders.ts';
import { startStack } from '../../support/stack.ts';
import { sagaRow } from './support/api.ts';
import { startProcess, type RunningProcess } from './support/gateway-process.ts';

interface Detail {
  readonly state: string;
  readonly trouble?: {
    readonly kind: string;
    readonly reason: string;
    readonly advice: string;
    readonly rowState: string;
  };
  readonly steps: readonly {
    readonly name: string;
    readonly activities: readonly { retrying?: { failure: string; nextAttemptAt?: string } }[];
  }[];
}

let stack: EphemeralStack;
let database: Database;
let client: Client;
let gateway: RunningProcess;

beforeAll(async () => {
  stack = await startStack({ name: 'troubled' });
  database = createDatabase({ url: stack.addresses.databaseUrl, poolSize: 2, acquireTimeoutMs: 5_000 });
  client = new Client({ connection: await Connection.connect({ address: stack.addresses.temporalAddress }) });
  gateway = startProcess('all-in-one', { ...environmentOf(stack.addresses), HTTP_PORT: '0' });
  await gateway.until('everything runs');
}, 240_000);
afterAll(async () => {
  gateway.kill('SIGTERM');
  await gateway.ended;
  await client.connection.close();
  await database.$disconnect();
  await stack.down();
});

async function call<T = Record<string, unknown>>(path: string, body?: unknown) {
  const headers = { 'Content-Type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers };
  const response = await fetch(`${gateway.url()}${path}`, init);
  return { status: response.status, body: (await response.json()) as T };
}

const pathOf = (orderId: string) => `/v1/sagas/orderSaga%3A${orderId}`;
const detail = async (orderId: string) => (await call<Detail>(pathOf(orderId))).body;
const listed = async (state: string) =>
  (await call<{ items: { sagaId: string; state: string }[] }>(`/v1/sagas?state=${state}`)).body.items;
const metrics = async () => (await fetch(`${gateway.url()}/metrics`)).text();

/** An order whose charge takes a while, terminated in the middle of it. */
async function terminated(): Promise<string> {
  const orderId = `o-${randomUUID()}`;
  const order = anOrder({ orderId, paymentMethod: { token: 'tok_slow_3000' } });
  await call('/v1/events/order.created', order);
  await eventually(async () => expect((await detail(orderId)).steps).toHaveLength(1));
  await client.workflow.getHandle(`orderSaga:${orderId}`).terminate('by a test');
  // The charge is on its way, and nobody stops it.
  await eventually(async () =>
    expect(await applicationTables(database).payment.count({ where: { orderId, state: 'charged' } })).toBe(1),
  );
  return orderId;
}

async function reset(orderId: string): Promise<void> {
  const workflowId = `orderSaga:${orderId}`;
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const first = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: first?.eventId ?? null,
    requestId: randomUUID(),
    reason: 'mended',
  });
}

const refusals = (orderId: string) =>
  database.outboxEvent.count({ where: { key: orderId, type: 'order.cancel-refused' } });

test('terminated: said so by detail, list, metric and log; a cancel by HTTP is kept, and pays the money back after a reset', async () => {
  const orderId = await terminated();
  expect(await detail(orderId)).toMatchObject({
    state: 'lost',
    trouble: {
      kind: 'lost',
      reason: 'TERMINATED',
      rowState: 'running',
      advice: expect.stringContaining('temporal workflow reset') as string,
    },
  });
  await eventually(async () => {
    expect(await listed('lost')).toMatchObject([{ sagaId: orderId, state: 'lost' }]);
    expect(await metrics()).toContain('sagaline_sagas_lost{saga="orderSaga"} 1');
  });
  expect(gateway.messages).toContain('saga lost: its workflow ended from outside, without an outcome');

  const retry = await call(`${pathOf(orderId)}/parked/payment/retry`, { by: 'mina' });
  expect([retry.status, retry.body]).toMatchObject([409, { type: 'urn:sagaline:problem:saga-lost' }]);

  const cancelled = await call(`${pathOf(orderId)}/cancel`, { reason: 'asked by phone', by: 'mina' });
  expect([cancelled.status, cancelled.body]).toMatchObject([202, { waiting: { state: 'lost', reason: 'TERMINATED' } }]);
  expect(await detail(orderId)).toMatchObject({ state: 'lost', trouble: { rowState: 'rollingBack' } });

  await reset(orderId);
  await eventually(async () => expect((await detail(orderId)).state).toBe('cancelled'));
  expect(await applicationTables(database).payment.findMany({ where: { orderId } })).toMatchObject([
    { state: 'refunded' },
  ]);
  expect(await database.outboxEvent.findMany({ where: { key: orderId, type: 'order.cancelled' } })).toMatchObject([
    { payload: { reason: 'asked by phone', compensated: expect.arrayContaining(['payment']) as string[] } },
  ]);
  expect(await refusals(orderId)).toBe(0);
  await eventually(async () => expect(await listed('lost')).toEqual([]));
});

test('terminated: a cancel event waits, is not refused, and is applied after a reset', async () => {
  const orderId = await terminated();
  await call('/v1/events/order.cancel-requested', { orderId, reason: 'changed my mind' });
  const cancel = { workflowId: `orderSaga:${orderId}`, type: 'order.cancel-requested' };
  await eventually(async () =>
    expect(await database.inboxEvent.findMany({ where: cancel })).toMatchObject([{ state: 'parked' }]),
  );
  expect((await detail(orderId)).state).toBe('lost');
  await reset(orderId);
  await eventually(async () => expect((await detail(orderId)).state).toBe('cancelled'));
  expect(await applicationTables(database).payment.findMany({ where: { orderId } })).toMatchObject([
    { state: 'refunded' },
  ]);
  expect(await refusals(orderId)).toBe(0);
});

test('deleted: said so, and a cancel is refused with the truth', async () => {
  const orderId = await terminated();
  const { runId } = await client.workflow.getHandle(`orderSaga:${orderId}`).describe();
  await client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: `orderSaga:${orderId}`, runId },
  });
  await eventually(async () =>
    expect(await detail(orderId)).toMatchObject({ state: 'lost', trouble: { reason: 'DELETED' } }),
  );
  const cancelled = await call(`${pathOf(orderId)}/cancel`, { reason: 'asked by phone' });
  expect([cancelled.status, cancelled.body]).toMatchObject([409, { type: 'urn:sagaline:problem:saga-lost' }]);
  expect((await detail(orderId)).trouble?.rowState).toBe('running');
});

test('a saga whose code fails again and again is stuck: in detail, list, metric and log, with the reason', async () => {
  const sagaId = `o-${randomUUID()}`;
  const workflowId = `orderSaga:${sagaId}`;
  await database.saga.create({ data: sagaRow(sagaId) });
  await client.workflow.start('orderSaga', {
    workflowId,
    taskQueue: 'sagaline',
    args: [{ sagaId, eventId: 'e-1', data: null }],
  });
  await eventually(async () => {
    expect(await detail(sagaId)).toMatchObject({
      state: 'stuck',
      trouble: { kind: 'stuck', reason: 'WorkflowWorkerUnhandledFailure', rowState: 'running' },
    });
    expect(await listed('stuck')).toMatchObject([{ sagaId, state: 'stuck' }]);
    expect(await metrics()).toContain('sagaline_sagas_stuck{saga="orderSaga"} 1');
  }, 120_000);
  expect(gateway.messages).toContain('saga stuck: its workflow task keeps failing');
  await client.workflow.getHandle(workflowId).terminate('by a test');
});

test('a step that is being retried shows how its last attempt ended, and when the next one is', async () => {
  const orderId = `o-${randomUUID()}`;
  await call('/v1/events/order.created', anOrder({ orderId, paymentMethod: { token: 'tok_timeout' } }));
  await eventually(async () => {
    const [payment] = (await detail(orderId)).steps;
    const { failure, nextAttemptAt } = payment?.activities[0]?.retrying ?? {};
    expect(failure).toMatch(/^\w+$/);
    expect(Date.parse(nextAttemptAt ?? '')).toBeGreaterThan(0);
  });
  await client.workflow.getHandle(`orderSaga:${orderId}`).terminate('by a test');
});

test('a saga whose worker is gone is neither', async () => {
  const sagaId = `o-${randomUUID()}`;
  await database.saga.create({ data: sagaRow(sagaId) });
  await client.workflow.start('orderSaga', {
    workflowId: `orderSaga:${sagaId}`,
    taskQueue: `nobody-${randomUUID()}`,
    args: [{ sagaId, eventId: 'e-1', data: anOrder({ orderId: sagaId }) }],
  });
  const found = await detail(sagaId);
  expect([found.state, found.trouble]).toEqual(['running', undefined]);
  await client.workflow.getHandle(`orderSaga:${sagaId}`).terminate('by a test');
});

/** Processes that die at the worst moment, on servers of their own, from a record on Kafka to the outcome on Kafka. */
import { setTimeout } from 'node:timers/promises';
import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchJson } from '../../../packages/sagaline/dev/fetch-json.ts';
import { findKcat, kcatProduce } from '../../support/kcat.ts';
import { anOrder } from '../../support/orders.ts';
import { audit } from './support/invariants.ts';
import { startMachine, type Machine, type RunningProcess } from './support/machine.ts';

let machine: Machine;
let gateway: RunningProcess;
let worker: RunningProcess;

beforeAll(async () => {
  machine = await startMachine('faults');
  [gateway, worker] = await Promise.all([machine.launch('gateway'), machine.launch('worker')]);
}, 120_000);

afterAll(async () => {
  await machine.close();
}, 60_000);

const order = (orderId: string, token = 'tok_ok', email = 'ada@customer.example') =>
  machine.produce('order.created', orderId, anOrder({ orderId, paymentMethod: { token }, contact: { email } }));

const outcome = (orderId: string, type: string) =>
  machine.events.first(`${type} of ${orderId}`, ({ topic, key }) => topic === type && key === orderId);

/** gRPC's NOT_FOUND, as the raw service and as the client says it. */
const isForgotten = (error: unknown) =>
  error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && (error.code as number) === 5);

/** Puts a process in the place of `current` that dies at a failpoint; then, when it has, a healthy one. */
async function dyingAt(
  part: 'gateway' | 'worker',
  current: RunningProcess,
  failpoint: string,
  when: () => Promise<unknown>,
) {
  await current.kill('SIGTERM');
  const doomed = await machine.launch(part, [failpoint]);
  await when();
  expect(await doomed.ended).toBe('SIGKILL');
  return machine.launch(part);
}

describe('a worker that dies', { timeout: 120_000 }, () => {
  test('failure mode 1: after the charge, before it is reported: one charge, one outcome', async () => {
    worker = await dyingAt('worker', worker, 'payment.charge.after-do', () => order('row-1'));
    expect((await outcome('row-1', 'order.completed')).payload).toMatchObject({ orderId: 'row-1', amount: 1999 });
  });

  test('failure mode 5: in a compensation: one refund', async () => {
    worker = await dyingAt('worker', worker, 'payment.charge.after-undo', () =>
      order('row-5', 'tok_ok', 'refused@customer.example'),
    );
    expect((await outcome('row-5', 'order.rejected')).payload).toMatchObject({
      compensated: ['analytics', 'notification', 'payment'],
    });
  });

  test('by kill -9 in the middle of a charge: the saga goes on in the next one', async () => {
    await order('killed', 'tok_slow_3000');
    await machine.events.first('nothing yet', ({ key, topic }) => key === 'killed' && topic === 'order.created');
    await worker.kill('SIGKILL');
    worker = await machine.launch('worker');
    await outcome('killed', 'order.completed');
  });
});

describe('a worker that is frozen', { timeout: 120_000 }, () => {
  /** Longer than an activation may take unless the SDK is told otherwise (temporalio/sdk-typescript#939). */
  const FROZEN_MS = 6_500;

  test('in the middle of a burst, again and again, wakes and goes on', async () => {
    const ids = Array.from({ length: 60 }, (_, at) => `frozen-${at}`);
    const outcomes = ids.map((id) => outcome(id, 'order.completed'));
    await Promise.all(ids.map((id) => order(id)));
    await Promise.race(outcomes);
    for (let times = 0; times < 3; times++) {
      worker.child.kill('SIGSTOP');
      await setTimeout(FROZEN_MS);
      worker.child.kill('SIGCONT');
      await setTimeout(100);
    }
    await Promise.all(outcomes);
    expect([worker.child.exitCode, worker.child.signalCode]).toEqual([null, null]);
    expect((await Promise.all(ids.map(failedTasks))).flat()).toEqual([]);
  });

  /** What an activation that ran out of its time leaves behind. */
  async function failedTasks(orderId: string) {
    const { events = [] } = await machine.temporal.workflow.getHandle(`orderSaga:${orderId}`).fetchHistory();
    return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? []);
  }
});

describe('a gateway that dies', { timeout: 120_000 }, () => {
  test('failure mode 70: between inbox and start: started on redelivery', async () => {
    gateway = await dyingAt('gateway', gateway, 'ingest.after-inbox', () => order('row-70'));
    await outcome('row-70', 'order.completed');
  });

  test('failure mode 2: after the start, before the commit: already started is success', async () => {
    gateway = await dyingAt('gateway', gateway, 'ingest.after-start', () => order('row-2'));
    await outcome('row-2', 'order.completed');
  });

  test('failure mode 3: after the relay sent, before it marked: copies with the same id', async () => {
    gateway = await dyingAt('gateway', gateway, 'relay.after-send', () => order('row-3'));
    await outcome('row-3', 'order.completed');
    const copies = machine.events.of('row-3', ['payment.completed']);
    expect(copies.length).toBeGreaterThanOrEqual(2);
    expect(new Set(copies.map(({ eventId }) => eventId)).size).toBe(1);
  });
});

describe('a provider', { timeout: 120_000 }, () => {
  test('failure mode 11: that charges, and whose reply is lost or never comes: asked again by key', async () => {
    await Promise.all([order('row-11-lost', 'tok_lost_reply'), order('row-11-hangs', 'tok_timeout_once')]);
    await Promise.all([outcome('row-11-lost', 'order.completed'), outcome('row-11-hangs', 'order.completed')]);
  });

  test("failure mode 12: that does not refund: the saga parks, visibly, and ends with the operator's retry once it does", async () => {
    await order('row-12', 'tok_refund_500', 'refused@customer.example');
    const url = `${machine.addresses.gatewayUrl}/v1/sagas`;
    await expect
      .poll(async () => JSON.stringify(await (await fetch(`${url}?state=parked`)).json()), { timeout: 45_000 })
      .toContain('orderSaga:row-12');
    expect(await (await fetch(machine.addresses.gatewayUrl + '/metrics')).text()).toMatch(/parked\S* [1-9]/);
    await fetchJson(`${machine.addresses.paymentUrl}/v1/sandbox/refunds/allow`, { orderId: 'row-12' });
    await fetchJson(`${url}/orderSaga%3Arow-12/parked/payment/retry`, { by: 'operator' });
    await outcome('row-12', 'order.rejected');
  });

  test('failure mode 13: that declines the card: asked once, rejected', async () => {
    await order('row-13', 'tok_declined');
    expect((await outcome('row-13', 'order.rejected')).payload).toMatchObject({
      reason: 'PaymentDeclined',
      step: 'payment',
    });
  });
});

describe('duplicates', { timeout: 120_000 }, () => {
  test('failure mode 23: the same order a hundred times, by a client that is not ours: one saga, one charge, one outcome', async (context) => {
    const kcat = await findKcat();
    if ('missing' in kcat) return context.skip(kcat.missing);
    const record = { key: 'row-23', value: JSON.stringify(anOrder({ orderId: 'row-23' })) };
    const { kafkaBrokers: brokers } = machine.addresses;
    await kcatProduce({ brokers, topic: 'order.created', records: Array.from({ length: 100 }, () => record) });
    await outcome('row-23', 'order.completed');
    // What is consumed after the hundred says that all of them are behind us.
    await order('after-row-23');
    await outcome('after-row-23', 'order.completed');
  });

  test('failure mode 24: after Temporal has forgotten the workflow: the inbox stops it', async () => {
    await order('row-24');
    await outcome('row-24', 'order.completed');
    const { workflowService, options } = machine.temporal;
    const handle = machine.temporal.workflow.getHandle('orderSaga:row-24');
    // The outcome is on Kafka before the workflow has closed, and a running one is not deleted at once.
    await handle.result();
    const stateOfDeletion = async () => {
      const workflowExecution = { workflowId: handle.workflowId };
      try {
        // Asked each time: the server may drop a deletion that meets its own work on the closed workflow.
        await workflowService.deleteWorkflowExecution({ namespace: options.namespace, workflowExecution });
        await handle.describe();
        return 'known';
      } catch (error) {
        if (isForgotten(error)) return 'forgotten';
        throw error;
      }
    };
    await expect.poll(stateOfDeletion, { timeout: 60_000 }).toBe('forgotten');
    await order('row-24');
    await order('after-row-24');
    await outcome('after-row-24', 'order.completed');
    await expect(handle.describe()).rejects.toSatisfy(isForgotten);
  });
});

test(
  'afterwards: nobody was charged twice, everybody got one outcome, and all books agree',
  { timeout: 60_000 },
  async () => {
    await expect
      .poll(() => machine.database.outboxEvent.count({ where: { publishedAt: null } }), { timeout: 50_000 })
      .toBe(0);
    await audit(machine, { orders: 12, completed: 9 });
  },
);

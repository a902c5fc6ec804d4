/** How each outcome of orderSaga comes about. The payment token decides what the sandbox's provider does: sandbox/README.md. */
import type { OrderCreated } from '../../../workflows/events/order.ts';
import { anOrder } from '../../support/orders.ts';
import { breakTable, holdSagaRow } from './database-faults.ts';
import type { SagaToStart } from './running-saga.ts';
import type { Scenario } from './scenario.ts';
import type { Servers } from './servers.ts';

const REFUSED = { email: 'refused@customer.example' };

function order(orderId: string, { token = 'tok_ok', ...rest }: Partial<OrderCreated> & { token?: string } = {}) {
  const data = anOrder({ orderId, ...rest, paymentMethod: { token } });
  return { sagaName: 'orderSaga', sagaId: orderId, type: 'order.created', data } satisfies SagaToStart;
}

/** Its notification is refused for good, so that it rolls back and asks for a refund. */
function refusedOrder(orderId: string, token: string): SagaToStart {
  return order(orderId, { token, contact: REFUSED });
}

export const orders: Readonly<Record<string, Scenario>> = {
  'orderSaga-completed': {
    saga: order('completed', { contact: { email: 'ada@customer.example', phone: '+447700900123' } }),
  },
  'orderSaga-retried': {
    saga: order('retried', { token: 'tok_flaky', contact: { email: 'greylist@customer.example' } }),
  },
  'orderSaga-database-outage': {
    alone: true,
    saga: order('database-outage', { token: 'tok_slow_1000' }),
    async meanwhile(saga, { databaseUrl }) {
      await saga.untilAsking('payment');
      // The first timer is the deadline's, the second the backoff of the local activity.
      await breakTable(databaseUrl, 'analytics_facts', () => saga.untilTimers(2));
    },
  },
  'orderSaga-declined': { saga: order('declined', { token: 'tok_declined' }) },
  'orderSaga-rolled-back': { saga: refusedOrder('rolled-back', 'tok_ok') },
  'orderSaga-deadline': {
    saga: { ...order('deadline', { token: 'tok_slow_3000' }), settings: { deadline: '1 second' } },
  },
  'orderSaga-cancelled': {
    saga: order('cancelled', { token: 'tok_slow_3000' }),
    async meanwhile(saga) {
      await saga.untilAsking('payment');
      await saga.tell('order.cancel-requested', { orderId: 'cancelled', reason: 'ordered twice' });
    },
  },
  'orderSaga-cancelled-by-operator': {
    saga: order('cancelled-by-operator', { token: 'tok_slow_3000' }),
    async meanwhile(saga) {
      await saga.untilAsking('payment');
      await saga.cancelByHttp('out of stock');
    },
  },
  'orderSaga-cancelled-in-temporal': {
    saga: order('cancelled-in-temporal', { token: 'tok_slow_3000' }),
    async meanwhile(saga) {
      await saga.untilAsking('payment');
      await saga.cancelInTemporal();
    },
  },
  'orderSaga-cancelled-before-start': {
    saga: {
      ...order('cancelled-before-start'),
      followUps: [
        {
          type: 'order.cancel-requested',
          eventId: 'pos:order.cancel-requested/0/0',
          data: { orderId: 'cancelled-before-start', reason: 'ordered twice' },
        },
      ],
    },
  },
  'orderSaga-cancel-refused-too-late': {
    saga: order('cancel-refused-too-late', { token: 'tok_slow_1000' }),
    async meanwhile(saga, { databaseUrl }) {
      await saga.untilAsking('payment');
      // The claim of the outcome waits for the row, and meanwhile the cancel comes; then the claim is made.
      const row = await holdSagaRow(databaseUrl, saga.workflowId);
      await row.untilWanted();
      await saga.tell('order.cancel-requested', { orderId: 'cancel-refused-too-late' });
      await row.release();
    },
  },
  'orderSaga-parked-and-retried': {
    saga: refusedOrder('parked-and-retried', 'tok_refund_refused_twice'),
    async meanwhile(saga) {
      for (const by of ['the first operator', 'the second operator']) {
        await saga.untilParked('payment');
        await saga.resolve('payment', { action: 'retry', by });
      }
    },
  },
  'orderSaga-parked-and-skipped': {
    saga: refusedOrder('parked-and-skipped', 'tok_refund_refused'),
    async meanwhile(saga) {
      await saga.untilParked('payment');
      await saga.resolve('payment', { action: 'skip', by: 'an operator', reason: 'paid back by hand' });
    },
  },
  'orderSaga-parked-and-done': {
    saga: refusedOrder('parked-and-done', 'tok_refund_refused'),
    async meanwhile(saga) {
      await saga.untilParked('payment');
      await saga.resolve('payment', { action: 'done', by: 'an operator', evidence: 'bank transfer 42' });
    },
  },
  'orderSaga-parked-out-of-time': {
    saga: { ...refusedOrder('parked-out-of-time', 'tok_refund_500'), settings: { patience: '2 seconds' } },
    async meanwhile(saga, servers) {
      await saga.untilParked('payment');
      await allowRefunds(servers, 'parked-out-of-time');
      await saga.resolve('payment', { action: 'retry', by: 'an operator' });
    },
  },
};

async function allowRefunds({ paymentUrl }: Servers, orderId: string): Promise<void> {
  const response = await fetch(new URL('/v1/sandbox/refunds/allow', paymentUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId }),
  });
  if (!response.ok) throw new Error(`the sandbox answers ${response.status}`);
}

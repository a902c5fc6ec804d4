import type { analytics } from '../../../activities/analytics/index.ts';
import type { notification } from '../../../activities/notification/index.ts';
import type { payment } from '../../../activities/payment/index.ts';
import { orderEvents, type OrderCreated } from '../../../workflows/events/order.ts';
import type { SagaScope } from '../../../packages/sagaline/kernel/definition.ts';
import type { Duration } from '../../../packages/sagaline/kernel/duration.ts';
import {
  local as localParticipant,
  remote as remoteParticipant,
} from '../../../packages/sagaline/kernel/participants.ts';

const facts = localParticipant<typeof analytics>('analytics');
const notifications = remoteParticipant<typeof notification>('notification');
const payments = remoteParticipant<typeof payment>('payment');

export function chargeOf({ orderId, amount, currency, paymentMethod }: OrderCreated) {
  return { orderId, amount, currency, token: paymentMethod.token };
}

export function messageOf({ orderId, contact }: OrderCreated) {
  return { to: contact, template: 'order-paid', subjectId: orderId } as const;
}

export function completionOf({ orderId, amount, currency }: OrderCreated) {
  return { orderId, paymentId: 'pay-1', amount, currency };
}

/** A compensatable step at a remote participant, whose undo is told what it needs. */
export function remote(saga: SagaScope, name: string, order: OrderCreated, within: Duration = '10 minutes') {
  return saga.compensatable(name, {
    within,
    action: (key) => payments.charge({ ...chargeOf(order), key }),
    compensation: ({ actionKey, key }) => payments.refund({ orderId: order.orderId, actionKey, key }),
  });
}

/** A compensatable step at a local participant. */
export function local(
  saga: SagaScope,
  name: string,
  { orderId, amount, currency }: OrderCreated,
  within: Duration = '3 seconds',
) {
  return saga.compensatable(name, {
    within,
    action: (key) => facts.record({ subjectId: orderId, fact: name, amount, currency, key }),
    compensation: ({ actionKey }) => facts.reverse({ actionKey }),
  });
}

/** An optional step at a remote participant; it has an undo if told so. */
export function optional(
  saga: SagaScope,
  name: string,
  order: OrderCreated,
  undo: 'with undo' | 'without undo',
  within: Duration = '10 minutes',
) {
  return saga.optional(name, {
    within,
    action: (key) => notifications.send({ ...messageOf(order), key }),
    ...(undo === 'with undo' && {
      compensation: ({ actionKey, key }: { actionKey: string; key: string }) =>
        notifications.correct({ actionKey, template: 'order-rejected', subjectId: order.orderId, key }),
    }),
  });
}

/** What all these sagas have in common. */
export const ordering = {
  on: orderEvents['order.created'],
  sagaId: (event: { orderId: string }) => event.orderId,
  subject: ({ orderId }: { orderId: string }) => ({ orderId }),
  cancelOn: orderEvents['order.cancel-requested'],
  outcomes: {
    completed: orderEvents['order.completed'],
    rolledBack: orderEvents['order.rejected'],
    cancelled: orderEvents['order.cancelled'],
    cancelRefused: orderEvents['order.cancel-refused'],
  },
} as const;

/**
 * order.created ─► payment ─► notification ∥ analytics ─► order.completed
 *                     ▲              │
 *                     └── refund ◄───┴─ final failure, cancel, deadline ─► order.rejected | order.cancelled
 */
import { defineSaga, local, remote } from 'sagaline/workflow';
import type { analytics } from '../activities/analytics/index.ts';
import type { notification } from '../activities/notification/index.ts';
import type { payment } from '../activities/payment/index.ts';
import { orderEvents, type OrderCreated } from './events/order.ts';

const facts = local<typeof analytics>('analytics');
const notifications = remote<typeof notification>('notification');
const payments = remote<typeof payment>('payment');

export const orderSaga = defineSaga({
  name: 'orderSaga',
  on: orderEvents['order.created'],
  sagaId: (event) => event.orderId,
  subject: (order) => ({ orderId: order.orderId }),
  cancelOn: orderEvents['order.cancel-requested'],
  deadline: '24 hours',
  outcomes: {
    completed: orderEvents['order.completed'],
    rolledBack: orderEvents['order.rejected'],
    cancelled: orderEvents['order.cancelled'],
    cancelRefused: orderEvents['order.cancel-refused'],
  },

  async run(order, saga) {
    const { orderId, amount, currency } = order;

    const { paymentId } = await saga.compensatable('payment', {
      summary: `charge ${amount} ${currency}`,
      action: (key) => payments.charge({ ...chargeOf(order), key }),
      compensation: ({ actionKey, key }) => payments.refund({ orderId, actionKey, key }),
    });

    await saga.parallel(
      saga.compensatable('notification', {
        action: (key) =>
          notifications.send({
            to: order.contact,
            template: 'order-paid',
            subjectId: orderId,
            values: { orderId, amount, currency },
            key,
          }),
        // A sent message cannot be unsent: the undo is a correction, and only if the first one went out.
        compensation: ({ actionKey, key }) =>
          notifications.correct({
            actionKey,
            template: 'order-rejected',
            subjectId: orderId,
            values: { orderId },
            key,
          }),
      }),
      saga.compensatable('analytics', {
        action: (key) => facts.record({ subjectId: orderId, fact: 'order-paid', amount, currency, key }),
        compensation: ({ actionKey }) => facts.reverse({ actionKey }),
      }),
    );

    return { orderId, paymentId, amount, currency };
  },
});

function chargeOf({ orderId, amount, currency, paymentMethod }: OrderCreated) {
  return { orderId, amount, currency, token: paymentMethod.token };
}

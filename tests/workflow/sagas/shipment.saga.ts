/** reserve ─► capture (pivot) ─► ship (retriable) ─► survey (optional): every kind of step, and both sides of a pivot. */
import type { notification } from '../../../activities/notification/index.ts';
import type { payment } from '../../../activities/payment/index.ts';
import { sleep } from '@temporalio/workflow';
import { orderEvents } from '../../../workflows/events/order.ts';
import { defineSaga } from '../../../packages/sagaline/kernel/define-saga.ts';
import { remote } from '../../../packages/sagaline/kernel/participants.ts';
import { chargeOf, messageOf } from './inputs.ts';

const notifications = remote<typeof notification>('notification');
const payments = remote<typeof payment>('payment');

export const shipmentSaga = defineSaga({
  name: 'shipmentSaga',
  on: orderEvents['order.created'],
  sagaId: (event) => event.orderId,
  subject: ({ orderId }) => ({ orderId }),
  cancelOn: orderEvents['order.cancel-requested'],
  deadline: '1 hour',
  patience: '5 minutes',
  settings: { transit: '2 hours' },
  outcomes: {
    completed: orderEvents['order.completed'],
    rolledBack: orderEvents['order.rejected'],
    cancelled: orderEvents['order.cancelled'],
    cancelRefused: orderEvents['order.cancel-refused'],
  },
  async run(order, saga) {
    const { orderId, amount, currency } = order;
    await saga.compensatable('reserve', {
      action: (key) => payments.charge({ ...chargeOf(order), key }),
      compensation: ({ actionKey, key }) => payments.refund({ orderId, actionKey, key }),
    });
    const captured = await saga.pivot('capture', { action: (key) => payments.charge({ ...chargeOf(order), key }) });
    await sleep(saga.settings.transit);
    await saga.retriable('ship', { action: (key) => notifications.send({ ...messageOf(order), key }) });
    await saga.optional('survey', { action: (key) => notifications.send({ ...messageOf(order), key }) });
    return { orderId, paymentId: captured?.paymentId ?? 'unknown', amount, currency };
  },
});

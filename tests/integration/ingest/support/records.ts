import type { ProducedRecord } from '../../../../packages/sagaline/kafka/port.ts';
import type { OrderCreated } from '../../../../workflows/events/order.ts';
import { workflowIdOf } from '../../../../packages/sagaline/contracts/saga.ts';
import { anOrder, aUser } from '../../../support/orders.ts';

/** As plain JSON, keyed by the order's id. */
export function orderRecord(orderId: string, order: Partial<OrderCreated> = {}) {
  return { topic: 'order.created', key: orderId, value: JSON.stringify(anOrder({ orderId, ...order })) };
}

export function cancelRecord(orderId: string) {
  return {
    topic: 'order.cancel-requested',
    key: orderId,
    value: JSON.stringify({ orderId, reason: 'changed my mind' }),
  };
}

export function userRecord(userId: string) {
  return { topic: 'user.created', key: userId, value: JSON.stringify(aUser({ userId })) };
}

export function activityRecord(userId: string) {
  return { topic: 'user.activity', key: userId, value: JSON.stringify({ userId, action: 'login' }) };
}

/** The same record as a CloudEvent in binary mode, with an id of the producer's. */
export function withEventId<T extends Partial<ProducedRecord>>(record: T, id: string) {
  const headers = { ce_specversion: '1.0', ce_source: '/shop', ce_id: id, ce_type: record.topic ?? '' };
  return { ...record, headers };
}

export const orderSagaOf = (orderId: string): string => workflowIdOf('orderSaga', orderId);

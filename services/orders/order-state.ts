import type { PastEvent } from 'sagaline';

export type OrderState = 'created' | 'paid' | 'declined' | 'refunded' | 'completed' | 'rejected' | 'cancelled';

/** What an event means to the order; what is not here, such as a message that was sent, means nothing to it. */
const STATES: Readonly<Record<string, OrderState>> = {
  'order.created': 'created',
  'payment.completed': 'paid',
  'payment.declined': 'declined',
  'payment.refunded': 'refunded',
  'order.completed': 'completed',
  'order.rejected': 'rejected',
  'order.cancelled': 'cancelled',
};

/** The state of an order as its events say, in the order in which they came to be. */
export function orderStateOf(events: readonly Pick<PastEvent, 'type'>[]): OrderState {
  return events.reduce<OrderState>((state, { type }) => STATES[type] ?? state, 'created');
}

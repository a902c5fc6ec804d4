import { orderEvents } from '../../../../workflows/events/order.ts';
import { userEvents } from '../../../../workflows/events/user.ts';
import { isEvent, type ValidEvent } from '../../runtime/recorded-event.ts';
import type { Told } from '../told.ts';

export interface KeepOptions {
  /** Whether names and addresses of people are kept, and found. */
  readonly personalData: boolean;
}

/** What of an event is kept. Never the payment token, and personal data only if they are wanted. */
export function keptOf(event: ValidEvent, { personalData }: KeepOptions): Told['data'] {
  if (isEvent(event, orderEvents['order.created'])) {
    const { orderId, customerId, amount, currency, items, contact } = event.payload;
    return { orderId, customerId, amount, currency, items, ...(personalData && { contact }) };
  }
  if (isEvent(event, userEvents['user.created'])) {
    const { email, name, ...user } = event.payload;
    return personalData ? { ...user, email, name } : user;
  }
  return event.payload;
}

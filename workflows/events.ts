/** The events of the reference application by name, for its own services, views and tests. The engine knows none of them. */
import type { PayloadOf } from 'sagaline/workflow';
import { alertEvents } from './events/alert.ts';
import { notificationEvents } from './events/notification.ts';
import { orderEvents } from './events/order.ts';
import { paymentEvents } from './events/payment.ts';
import { logEvents } from './events/service-log.ts';
import { userEvents } from './events/user.ts';

export const events = {
  ...orderEvents,
  ...paymentEvents,
  ...notificationEvents,
  ...userEvents,
  ...logEvents,
  ...alertEvents,
} as const;

export type EventType = keyof typeof events;
export type Payload<T extends EventType> = PayloadOf<(typeof events)[T]>;

/** Whether `type` names an event of ours. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(events, type);
}

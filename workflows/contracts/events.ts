/**
 * The events of the reference application by name, until every part of the engine is handed a catalogue.
 */
import { alertEvents } from '../events/alert.ts';
import { logEvents } from '../events/service-log.ts';
import { notificationEvents } from '../events/notification.ts';
import { orderEvents } from '../events/order.ts';
import { paymentEvents } from '../events/payment.ts';
import { userEvents } from '../events/user.ts';
import { businessKeyOf as keyOf, type PayloadOf } from './event.ts';

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

export type { OrderCreated } from '../events/order.ts';
export type { UserCreated } from '../events/user.ts';
export type { AlertRaised } from '../events/alert.ts';

/** Whether `type` names an event of ours. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(events, type);
}

/** Whether what an event tells is about an order: everything is that names no other kind of subject. */
export function isAboutOrder(payload: object): boolean {
  const { subject } = payload as { readonly subject?: { readonly kind: string } };
  return subject === undefined || subject.kind === 'order';
}

/** The business key of a payload: the value of the field that its event type names as key. */
export function businessKeyOf<T extends EventType>(type: T, payload: Payload<T>): string {
  return keyOf(events[type], payload);
}

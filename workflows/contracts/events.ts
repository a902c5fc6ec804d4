/**
 * Every event that Sagaline reads or writes: one schema per event type, the type's name being its Kafka topic.
 * Unknown fields are dropped, so that producers may add some (tolerant reader); everything else is refused with its path.
 */
import { z } from 'zod';
import { LogAttributes, LogTraceId } from './log-fields.ts';
import { Amount, CancelRefused, Contact, Currency, Id, Reason, RolledBack, Subject, Timestamp } from './primitives.ts';

/** A schema and the field that carries the business key, which is also the Kafka key. */
function event<Shape extends z.ZodObject, Key extends keyof z.infer<Shape> & string>(key: Key, schema: Shape) {
  return { key, schema };
}

const Sku = z.string().min(1).max(64);
const OrderItem = z.object({
  sku: Sku,
  quantity: z.int().positive().max(1_000_000),
  unitPrice: z.int().nonnegative(),
});

const order = z.object({ orderId: Id });
/** Events before 0.1.0 name no subject: then a payment was an order's, and a message's template told. */
const about = { subject: Subject.optional() };
const message = z.object({
  ...about,
  subjectId: Id,
  messageId: Id.or(z.string().max(256)),
  channel: z.enum(['email', 'sms']),
  template: z.string(),
});
/** `orderId` is the id of what was paid for, also where that is no order. */
const payment = z.object({ ...about, orderId: Id, amount: Amount, currency: Currency });

export const events = {
  'order.created': event(
    'orderId',
    z.object({
      orderId: Id,
      customerId: Id,
      amount: Amount,
      currency: Currency,
      items: z.array(OrderItem).min(1).max(500),
      contact: Contact,
      paymentMethod: z.object({
        token: z.string().regex(/^tok_[A-Za-z0-9_]{1,64}$/, 'must be a payment token such as tok_ok'),
      }),
    }),
  ),
  'order.cancel-requested': event('orderId', z.object({ orderId: Id, reason: Reason.optional() })),
  'order.completed': event(
    'orderId',
    z.object({ orderId: Id, paymentId: z.string(), amount: Amount, currency: Currency }),
  ),
  'order.rejected': event('orderId', order.extend(RolledBack.shape)),
  'order.cancelled': event('orderId', order.extend(RolledBack.shape)),
  'order.cancel-refused': event('orderId', order.extend(CancelRefused.shape)),
  'payment.completed': event('orderId', payment.extend({ paymentId: z.string() })),
  'payment.declined': event('orderId', payment.extend({ reason: Reason })),
  'payment.refunded': event('orderId', payment.extend({ paymentId: z.string(), refundId: z.string() })),
  'notification.sent': event('subjectId', message),
  'notification.failed': event('subjectId', message.extend({ reason: Reason })),
  'user.created': event(
    'userId',
    z.object({
      userId: Id,
      email: z.email().max(254),
      name: z.string().min(1).max(200),
      locale: z.string().max(35).optional(),
    }),
  ),
  'user.activity': event(
    'userId',
    z.object({
      userId: Id,
      /** What the user did; the funnel knows `viewed` and `added`. */
      action: z.string().min(1).max(100),
      at: Timestamp.optional(),
      page: z.string().min(1).max(500).optional(),
      sku: Sku.optional(),
    }),
  ),
  'user.onboarded': event('userId', z.object({ userId: Id, followedUp: z.boolean() })),
  'user.onboarding-failed': event('userId', z.object({ userId: Id }).extend(RolledBack.shape)),
  'service.log': event(
    'service',
    z.object({
      service: Id,
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
      message: z.string().min(1).max(16_384),
      at: Timestamp.optional(),
      traceId: LogTraceId,
      attributes: LogAttributes,
    }),
  ),
  // An alert, and not its service, is what it is about: two alerts of one service are two sagas.
  'alert.raised': event(
    'alertId',
    z.object({
      alertId: Id,
      service: Id,
      kind: z.enum(['error-burst']),
      /** What was counted within the window, and how much of it is too much. */
      count: z.int().positive(),
      threshold: z.int().positive(),
      windowMs: z.int().positive(),
      at: Timestamp,
    }),
  ),
  'alert.notified': event(
    'alertId',
    z.object({
      alertId: Id,
      service: Id,
      /** How the operators were told; empty where the configuration names none. */
      channels: z.array(z.enum(['email', 'sms'])),
    }),
  ),
  'alert.failed': event('alertId', z.object({ alertId: Id, service: Id }).extend(RolledBack.shape)),
} as const;

export type EventType = keyof typeof events;
export type Payload<T extends EventType> = z.infer<(typeof events)[T]['schema']>;

export type OrderCreated = Payload<'order.created'>;
export type UserCreated = Payload<'user.created'>;
export type AlertRaised = Payload<'alert.raised'>;

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
  return String((payload as Record<string, unknown>)[events[type].key]);
}

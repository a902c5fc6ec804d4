/** What the payment participant tells. */
import { z } from 'zod';
import { Amount, Currency, defineEvents, event, Id, Reason, Subject } from 'sagaline/workflow';

/**
 * `orderId` is the id of what was paid for, also where that is no order. Events before 0.1.0 name no subject: then it was an
 * order's.
 */
const payment = z.object({ subject: Subject.optional(), orderId: Id, amount: Amount, currency: Currency });

export const paymentEvents = defineEvents({
  'payment.completed': event('orderId', payment.extend({ paymentId: z.string() })),
  'payment.declined': event('orderId', payment.extend({ reason: Reason })),
  'payment.refunded': event('orderId', payment.extend({ paymentId: z.string(), refundId: z.string() })),
});

/** Whether what an event tells is about an order: everything is that names no other kind of subject. */
export function isAboutOrder(payload: object): boolean {
  const { subject } = payload as { readonly subject?: { readonly kind: string } };
  return subject === undefined || subject.kind === 'order';
}

/** The events of an order: what starts and cancels its saga, and how that ends. */
import { z } from 'zod';
import {
  Amount,
  CancelRefused,
  Contact,
  Currency,
  defineEvents,
  event,
  Id,
  type PayloadOf,
  Reason,
  RolledBack,
} from 'sagaline/workflow';

export const Sku = z.string().min(1).max(64);
const OrderItem = z.object({
  sku: Sku,
  quantity: z.int().positive().max(1_000_000),
  unitPrice: z.int().nonnegative(),
});

const order = z.object({ orderId: Id });

export const orderEvents = defineEvents({
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
});

export type OrderCreated = PayloadOf<(typeof orderEvents)['order.created']>;

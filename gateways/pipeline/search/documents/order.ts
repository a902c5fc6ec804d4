import { orderEvents } from '../../../../workflows/events/order.ts';
import { isAboutOrder, paymentEvents } from '../../../../workflows/events/payment.ts';
import type { ValidEvent } from '../../runtime/recorded-event.ts';
import { fieldsOf, isoTime, type SearchDocument } from '../document.ts';
import { spanOf, toldOf, type Tale } from '../told.ts';
import { reasonsOf } from './reasons.ts';

/** Event types that tell about an order, the strongest first: what an order's state is when several have been seen. */
const STATES = [
  ['order.completed', 'completed'],
  ['order.rejected', 'rejected'],
  ['order.cancelled', 'cancelled'],
  ['payment.refunded', 'refunded'],
  ['payment.declined', 'declined'],
  ['payment.completed', 'paid'],
  ['order.cancel-requested', 'cancelling'],
  ['order.created', 'created'],
] as const;

export const ORDER_TYPES = [...STATES.map(([type]) => type), 'order.cancel-refused'] as const;

/** The order that an event is about; a payment may be for what is no order. */
export const orderOf = (event: ValidEvent): string | undefined => (isAboutOrder(event.payload) ? event.key : undefined);

/** More articles than this are not searched. */
const MAX_ITEMS = 100;

/** An order as its events tell of it. */
export function orderDocument(id: string, version: number, tale: Tale): SearchDocument {
  const order = toldOf(tale, orderEvents['order.created'])?.data;
  const payment =
    toldOf(tale, paymentEvents['payment.completed'])?.data ?? toldOf(tale, orderEvents['order.completed'])?.data;
  const refundId = toldOf(tale, paymentEvents['payment.refunded'])?.data.refundId;
  const { amount, currency } = order ?? payment ?? toldOf(tale, paymentEvents['payment.declined'])?.data ?? {};
  const items = (order?.items ?? []).slice(0, MAX_ITEMS);
  const reasons = reasonsOf(tale);
  const people = [order?.contact?.email, order?.contact?.phone].filter((part) => part !== undefined);
  const state = STATES.find(([type]) => tale[type])?.[1];
  const { first, last } = spanOf(tale);
  const text = [
    items.map(({ quantity, sku }) => `${quantity} × ${sku}`).join(', '),
    amount !== undefined && currency !== undefined && `${amount} ${currency}`,
    order?.customerId !== undefined && `customer ${order.customerId}`,
    ...people,
    ...reasons,
  ].filter((part) => part !== false && part !== '');
  return {
    ...{ kind: 'order', id, version, state },
    time: toldOf(tale, orderEvents['order.created'])?.time ?? first,
    title: `order ${id}`,
    text: text.join(' · '),
    fields: fieldsOf({
      ...{ customerId: order?.customerId, amount, currency },
      ...(items.length > 0 && { skus: [...new Set(items.map(({ sku }) => sku))] }),
      ...{ paymentId: payment?.paymentId, refundId, updatedAt: isoTime(last) },
      ...(reasons.length > 0 && { reasons }),
    }),
    identifiers: [id, payment?.paymentId, refundId].filter((part) => part !== undefined),
    names: [order?.customerId, ...items.map(({ sku }) => sku), ...people].filter((part) => part !== undefined),
  };
}

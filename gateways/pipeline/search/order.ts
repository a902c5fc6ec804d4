import {
  defineSearchSubject,
  type Description,
  fieldsOf,
  isEvent,
  isoTime,
  type KeepOptions,
  reasonsOf,
  spanOf,
  type Tale,
  type Told,
  toldOf,
  type ValidEvent,
} from 'sagaline/pipeline';
import { orderEvents } from '../../../workflows/events/order.ts';
import { isAboutOrder, paymentEvents } from '../../../workflows/events/payment.ts';

/** Events that tell about an order, the strongest first: what an order's state is when several have been seen. */
const STATES = [
  [orderEvents['order.completed'], 'completed'],
  [orderEvents['order.rejected'], 'rejected'],
  [orderEvents['order.cancelled'], 'cancelled'],
  [paymentEvents['payment.refunded'], 'refunded'],
  [paymentEvents['payment.declined'], 'declined'],
  [paymentEvents['payment.completed'], 'paid'],
  [orderEvents['order.cancel-requested'], 'cancelling'],
  [orderEvents['order.created'], 'created'],
] as const;

/** More articles than this are not searched. */
const MAX_ITEMS = 100;

export const searchedOrders = defineSearchSubject('order', {
  plural: 'orders',
  events: [...STATES.map(([event]) => event), orderEvents['order.cancel-refused']],
  // A payment may be for what is no order.
  idOf: ({ payload, key }) => (isAboutOrder(payload) ? key : undefined),
  keep: keptOfOrder,
  describe: describeOrder,
});

/** Never the payment token, and personal data only if they are wanted. */
function keptOfOrder(event: ValidEvent, { personalData }: KeepOptions): Told['data'] {
  if (!isEvent(event, orderEvents['order.created'])) return event.payload;
  const { orderId, customerId, amount, currency, items, contact } = event.payload;
  return { orderId, customerId, amount, currency, items, ...(personalData && { contact }) };
}

/** An order as its events tell of it. */
function describeOrder(id: string, tale: Tale): Description {
  const order = toldOf(tale, orderEvents['order.created'])?.data;
  const payment =
    toldOf(tale, paymentEvents['payment.completed'])?.data ?? toldOf(tale, orderEvents['order.completed'])?.data;
  const refundId = toldOf(tale, paymentEvents['payment.refunded'])?.data.refundId;
  const { amount, currency } = order ?? payment ?? toldOf(tale, paymentEvents['payment.declined'])?.data ?? {};
  const items = (order?.items ?? []).slice(0, MAX_ITEMS);
  const reasons = reasonsOf(tale);
  const people = [order?.contact?.email, order?.contact?.phone].filter((part) => part !== undefined);
  const state = STATES.find(([event]) => tale[event.type])?.[1];
  const { first, last } = spanOf(tale);
  const text = [
    items.map(({ quantity, sku }) => `${quantity} × ${sku}`).join(', '),
    amount !== undefined && currency !== undefined && `${amount} ${currency}`,
    order?.customerId !== undefined && `customer ${order.customerId}`,
    ...people,
    ...reasons,
  ].filter((part) => part !== false && part !== '');
  return {
    state,
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

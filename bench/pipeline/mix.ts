/** What a shop says in a day: of a hundred records fifty activities, thirty-five log lines, and five orders with three events each. */
import { encodeCloudEvent } from '../../packages/sagaline/events/cloud-events.ts';
import type { ProducedRecord } from '../../packages/sagaline/kafka/port.ts';
import type { EventType, Payload } from '../../workflows/events.ts';

/** Records of one turn. */
export const TURN = 100;
const ORDERS = 5;
const ACTIVITIES = 50;
const LOGS = 35;

/** Event time goes on by a millisecond a record, as with a thousand events a second. */
const BEGIN = Date.now() - 60 * 60 * 1000;

const TEXTS = [
  'connected to the card scheme in',
  'cache refreshed, entries replaced',
  '결제가 승인되었습니다, 처리 시간',
  'request finished with status 200 after',
  'stock reserved for the order, quantity',
];

/** One turn; `run` keeps the orders of several runs apart. */
export function turn(run: string, index: number): ProducedRecord[] {
  const first = index * TURN;
  const at = (n: number) => new Date(BEGIN + first + n);
  return [
    ...each(ACTIVITIES, (n) => plain('user.activity', activity(first + n, at(n)))),
    ...each(LOGS, (n) => plain('service.log', logLine(first + n, at(ACTIVITIES + n)))),
    ...each(ORDERS, (n) => order(`${run}-${index * ORDERS + n}`, index * ORDERS + n, at(TURN - 1))).flat(),
  ];
}

function activity(n: number, at: Date): Payload<'user.activity'> {
  const product = n % 997;
  const action = n % 7 === 0 ? 'added' : 'viewed';
  return {
    userId: `u-${n % 5_000}`,
    action,
    at: at.toISOString(),
    page: `/products/${product}`,
    sku: `sku-${product}`,
  };
}

export function logLine(n: number, at: Date): Payload<'service.log'> {
  return {
    service: `service-${n % 20}`,
    level: n % 101 === 0 ? 'error' : n % 23 === 0 ? 'warn' : 'info',
    message: `${TEXTS[n % TEXTS.length] ?? ''} ${n % 300} ms`,
    at: at.toISOString(),
    traceId: n.toString(16).padStart(32, '0'),
    attributes: { route: '/v1/things', status: 200 },
  };
}

/** As the relay sends them: CloudEvents. One in ten is rejected. */
function order(orderId: string, n: number, at: Date): ProducedRecord[] {
  const money = { amount: 1999, currency: 'EUR' };
  const created: Payload<'order.created'> = {
    ...{ orderId, customerId: `u-${n % 5_000}`, ...money },
    items: [
      { sku: `sku-${n % 97}`, quantity: 1, unitPrice: 999 },
      { sku: `sku-${(n * 7) % 97}`, quantity: 1, unitPrice: 1000 },
    ],
    contact: { email: `ada-${n}@customer.example` },
    paymentMethod: { token: 'tok_ok' },
  };
  const start = cloudEvent('order.created', orderId, created, at);
  const later = new Date(at.getTime() + 200 + (n % 900));
  if (n % 10 === 0) {
    const rejected = { orderId, reason: 'card_declined', step: 'charge', compensated: ['reserve'], skipped: [] };
    return [
      start,
      cloudEvent('payment.declined', orderId, { orderId, ...money, reason: 'card_declined' }, later),
      cloudEvent('order.rejected', orderId, rejected, later),
    ];
  }
  const paid = { orderId, ...money, paymentId: `pay-${orderId}` };
  return [
    start,
    cloudEvent('payment.completed', orderId, paid, later),
    cloudEvent('order.completed', orderId, paid, later),
  ];
}

function plain(topic: EventType, payload: { readonly userId: string } | { readonly service: string }): ProducedRecord {
  const key = 'userId' in payload ? payload.userId : payload.service;
  return { topic, key, value: JSON.stringify(payload), headers: {} };
}

function cloudEvent(type: EventType, key: string, payload: object, time: Date): ProducedRecord {
  const eventId = `${type}/${key}`;
  const json = JSON.stringify(payload);
  return encodeCloudEvent({ eventId, type, topic: type, key, source: '/sagaline/orderSaga', time, json });
}

const each = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

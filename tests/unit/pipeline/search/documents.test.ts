import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderDocument } from '../../../../gateways/pipeline/search/documents/order.ts';
import { logDocument } from '../../../../gateways/pipeline/search/documents/log.ts';
import { sagaDocument, sagaOf, sagaTypes } from '../../../../gateways/pipeline/search/documents/saga.ts';
import { userDocument } from '../../../../gateways/pipeline/search/documents/user.ts';
import { mergeTales, tell, type Tale } from '../../../../gateways/pipeline/search/told.ts';
import { createSubjects } from '../../../../gateways/pipeline/search/subjects.ts';
import type { ValidEvent } from '../../../../gateways/pipeline/runtime/recorded-event.ts';
import { sagas } from '../../../support/reference.ts';
import { eventOf, read, recordOf } from '../../../support/recorded-events.ts';
import { keptOf } from '../../../../gateways/pipeline/search/documents/kept.ts';
import { logEvents } from '../../../../workflows/events/service-log.ts';
import { isEvent } from '../../../../gateways/pipeline/runtime/recorded-event.ts';

const order = {
  ...{ orderId: 'o-1', customerId: 'c-1', amount: 1999, currency: 'EUR' },
  items: [{ sku: 'book-7', quantity: 2, unitPrice: 999 }],
  contact: { email: 'ada@customer.example', phone: '+4915112345678' },
  paymentMethod: { token: 'tok_secret' },
};
const undone = {
  orderId: 'o-1',
  reason: 'RecipientRefused',
  step: 'notification',
  compensated: ['payment'],
  skipped: [],
};
const created = eventOf('order.created', order, { time: 1_000 });
const paid = eventOf(
  'payment.completed',
  { orderId: 'o-1', paymentId: 'p-1', amount: 1999, currency: 'EUR' },
  { time: 2_000 },
);
const refunded = eventOf(
  'payment.refunded',
  { orderId: 'o-1', paymentId: 'p-1', refundId: 'r-1', amount: 1999, currency: 'EUR' },
  { time: 3_000 },
);
const rejected = eventOf('order.rejected', undone, { time: 4_000 });
const user = eventOf('user.created', { userId: 'u-1', email: 'bob@user.example', name: 'Bob' }, { time: 5 });

const taleOf = (events: readonly ValidEvent[], personalData = false): Tale =>
  events.reduce<Tale>(
    (tale, event) => mergeTales(tale, { [event.type]: tell(event, keptOf(event, { personalData })) }),
    {},
  );

describe('an order', () => {
  test('has the state of what was seen last in its life, and begins when it was made', () => {
    const states = [[created], [created, paid], [created, paid, refunded], [created, paid, refunded, rejected]].map(
      (events) => orderDocument('o-1', 1, taleOf(events)).state,
    );
    expect(states).toEqual(['created', 'paid', 'refunded', 'rejected']);
    expect(orderDocument('o-1', 4, taleOf([rejected, paid, created]))).toMatchObject({
      ...{ kind: 'order', version: 4, time: 1_000, state: 'rejected', identifiers: ['o-1', 'p-1'] },
      text: '2 × book-7 · 1999 EUR · customer c-1 · RecipientRefused at notification · compensated payment',
      fields: { skus: ['book-7'], reasons: ['RecipientRefused at notification', 'compensated payment'] },
    });
  });

  test('is the same in whatever order its events come, twice or not', () => {
    const events = [created, paid, refunded, rejected];
    const again = eventOf('order.created', { ...order, amount: 1 }, { time: 1_000, recordTime: 9_000, offset: 7 });
    const expected = orderDocument('o-1', 1, taleOf([...events, again]));
    expect(expected.fields).toMatchObject({ amount: 1999 });
    fc.assert(
      fc.property(fc.shuffledSubarray([...events, again], { minLength: 5 }), (shuffled) => {
        expect(orderDocument('o-1', 1, taleOf(shuffled))).toEqual(expected);
      }),
    );
  });
});

describe('personal data', () => {
  const everything = (personalData: boolean) =>
    JSON.stringify([
      ...[taleOf([created, user], personalData), orderDocument('o-1', 1, taleOf([created], personalData))],
      userDocument('u-1', 1, taleOf([user], personalData)),
    ]);

  test('are neither kept nor found unless they are wanted', () => {
    expect(everything(false)).not.toMatch(/ada@|\+49|bob@|Bob/);
    expect(everything(true)).toMatch(/ada@customer\.example.*bob@user\.example/);
  });

  test('a payment token is never kept', () => {
    expect(everything(true)).not.toContain('tok_secret');
  });
});

describe('a saga', () => {
  const sagaNamed = (name: string) => {
    const saga = sagas.find((candidate) => candidate.name === name);
    if (!saga) throw new Error(`no saga ${name}`);
    return saga;
  };
  const orderSaga = sagaNamed('orderSaga');

  test('is named by what starts it and by what ends it', () => {
    expect([created, rejected].map((event) => sagaOf(orderSaga, event))).toEqual(['orderSaga:o-1', 'orderSaga:o-1']);
  });

  test.each([
    ['running', []],
    ['rejected', [rejected]],
    ['cancelled', [eventOf('order.cancelled', undone)]],
    ['completed', [eventOf('order.completed', { orderId: 'o-1', paymentId: 'p-1', amount: 1999, currency: 'EUR' })]],
    ['running', [eventOf('order.cancel-refused', { orderId: 'o-1', reason: 'TooLate', state: 'completed' })]],
  ])('is %s', (state, events) => {
    expect(sagaDocument(orderSaga, 'orderSaga:o-1', 1, taleOf([created, ...events]))).toMatchObject({
      ...{ kind: 'saga', id: 'orderSaga:o-1', state, title: 'orderSaga o-1', identifiers: ['orderSaga:o-1', 'o-1'] },
    });
  });

  test('every saga there is, is told of by the topics that are read', () => {
    const { topics } = createSubjects({ sagas, personalData: false });
    expect(topics).toEqual(expect.arrayContaining(sagas.flatMap(sagaTypes)));
  });
});

test('a log line is its message and attributes, under its place in Kafka', () => {
  const line = eventOf(
    'service.log',
    {
      service: 'checkout',
      level: 'error',
      message: '결제 실패',
      attributes: { orderId: 'o-1' },
      traceId: 'a'.repeat(32),
    },
    { partition: 2, offset: 41, time: 7 },
  );
  if (!isEvent(line, logEvents['service.log'])) throw new Error('not a log line');
  expect(logDocument(line)).toMatchObject({
    ...{ kind: 'log', id: 'service.log/2/41', time: 7, state: 'error', title: 'checkout error', version: 1 },
    ...{ text: '결제 실패 · orderId=o-1', identifiers: ['a'.repeat(32)] },
    fields: { service: 'checkout', attributes: { orderId: 'o-1' } },
  });
});

test('a record time that no calendar has is read as the epoch, here as everywhere', () => {
  const record = recordOf('service.log', { service: 's', level: 'info', message: 'm' });
  const event = read({ ...record, headers: {}, timestamp: -2e17 });
  if (!isEvent(event, logEvents['service.log'])) throw new Error('not a log line');
  expect(logDocument(event).time).toBe(0);
});

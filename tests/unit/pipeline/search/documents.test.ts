import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchedOrders } from '../../../../gateways/pipeline/search/order.ts';
import { searchedLogs } from '../../../../gateways/pipeline/search/log.ts';
import {
  describeSaga,
  keptOfSaga,
  sagaOf,
  sagaTypes,
} from '../../../../packages/sagaline/pipeline/search/documents/saga.ts';
import { searchedUsers } from '../../../../gateways/pipeline/search/user.ts';
import { mergeTales, tell, type Tale } from '../../../../packages/sagaline/pipeline/search/told.ts';
import type { SearchDocument } from '../../../../packages/sagaline/pipeline/search/document.ts';
import { createSearch } from '../../../../packages/sagaline/pipeline/search/search.ts';
import { createSubjects } from '../../../../packages/sagaline/pipeline/search/subjects.ts';
import type { ValidEvent } from '../../../../packages/sagaline/pipeline/runtime/recorded-event.ts';
import { app, sagas } from '../../../support/reference.ts';
import { eventOf, read, recordOf } from '../../../support/recorded-events.ts';

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

type Keep = (event: ValidEvent) => object;

const taleBy = (keep: Keep, events: readonly ValidEvent[]): Tale =>
  events.reduce<Tale>((tale, event) => mergeTales(tale, { [event.type]: tell(event, { ...keep(event) }) }), {});

/** An order as these events tell of it. */
const orderBy = (events: readonly ValidEvent[], personalData = false) =>
  searchedOrders.describe(
    'o-1',
    taleBy((event) => searchedOrders.keep(event, { personalData }), events),
  );

describe('an order', () => {
  test('has the state of what was seen last in its life, and begins when it was made', () => {
    const states = [[created], [created, paid], [created, paid, refunded], [created, paid, refunded, rejected]].map(
      (events) => orderBy(events).state,
    );
    expect(states).toEqual(['created', 'paid', 'refunded', 'rejected']);
    expect(orderBy([rejected, paid, created])).toMatchObject({
      ...{ time: 1_000, state: 'rejected', identifiers: ['o-1', 'p-1'] },
      text: '2 × book-7 · 1999 EUR · customer c-1 · RecipientRefused at notification · compensated payment',
      fields: { skus: ['book-7'], reasons: ['RecipientRefused at notification', 'compensated payment'] },
    });
  });

  test('is the same in whatever order its events come, twice or not', () => {
    const events = [created, paid, refunded, rejected];
    const again = eventOf('order.created', { ...order, amount: 1 }, { time: 1_000, recordTime: 9_000, offset: 7 });
    const expected = orderBy([...events, again]);
    expect(expected.fields).toMatchObject({ amount: 1999 });
    fc.assert(
      fc.property(fc.shuffledSubarray([...events, again], { minLength: 5 }), (shuffled) => {
        expect(orderBy(shuffled)).toEqual(expected);
      }),
    );
  });
});

describe('personal data', () => {
  const everything = (personalData: boolean) => {
    const tales = [
      taleBy((event) => searchedOrders.keep(event, { personalData }), [created]),
      taleBy((event) => searchedUsers.keep(event, { personalData }), [user]),
    ] as const;
    return JSON.stringify([tales, searchedOrders.describe('o-1', tales[0]), searchedUsers.describe('u-1', tales[1])]);
  };

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
    expect(describeSaga(orderSaga, 'orderSaga:o-1', taleBy(keptOfSaga, [created, ...events]))).toMatchObject({
      ...{ state, title: 'orderSaga o-1', identifiers: ['orderSaga:o-1', 'o-1'] },
    });
  });

  test('keeps why it went as it went and what was undone, and no other field, whatever is in it', () => {
    expect(keptOfSaga(rejected)).toEqual({
      ...{ reason: 'RecipientRefused', step: 'notification' },
      ...{ compensated: ['payment'], skipped: [] },
    });
    expect([created, user, paid].map(keptOfSaga)).toEqual([{}, {}, {}]);
    const other = { reason: { code: 4 }, step: 7, compensated: 'all', skipped: null, state: 'open', name: 'Ada' };
    expect(keptOfSaga({ payload: other })).toEqual({ state: 'open' });
  });

  test('every saga there is, is told of by the topics that are read', () => {
    const { topics } = createSubjects({ sagas, kinds: [], personalData: false });
    expect(topics).toEqual(expect.arrayContaining(sagas.flatMap(sagaTypes)));
  });
});

/** What the search writes of a line; nothing of it is asked of a database. */
async function written(line: ValidEvent): Promise<SearchDocument | undefined> {
  let documents: readonly SearchDocument[] = [];
  const search = createSearch({
    ...{ sagas, kinds: app.searchKinds, personalData: false, boundsOf: () => ({ retentionMs: 1, max: 1 }) },
    index: {
      tables: '',
      write: (_tx, all) => Promise.resolve(void (documents = all)),
      prune: () => Promise.reject(new Error('not asked')),
    },
  });
  await search.apply({ live: true, query: () => Promise.reject(new Error('not asked')) }, [line]);
  return documents[0];
}

test('a log line is its message and attributes, under its place in Kafka', async () => {
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
  expect(await written(line)).toMatchObject({
    ...{
      kind: 'log',
      id: 'service.log/2/41',
      time: 7,
      state: 'error',
      title: 'checkout error',
      version: 1,
      line: true,
    },
    ...{ text: '결제 실패 · orderId=o-1', identifiers: ['a'.repeat(32)] },
    fields: { service: 'checkout', attributes: { orderId: 'o-1' } },
  });
});

test('a record time that no calendar has is read as the epoch, here as everywhere', () => {
  const record = recordOf('service.log', { service: 's', level: 'info', message: 'm' });
  const event = read({ ...record, headers: {}, timestamp: -2e17 });
  expect(searchedLogs.describe(event)?.time).toBe(0);
});

/** Sign-ups and orders by HTTP: the row, its event and its saga. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { payloadHash } from '../../../packages/sagaline/events/payload-hash.ts';
import { recordEvent } from '../../../packages/sagaline/outbox/record-event.ts';
import { aNewOrder } from '../../support/orders.ts';
import { sagaRow } from '../http/support/api.ts';
import { createShop, type Shop } from './support/shop.ts';
import { paymentEvents } from '../../../workflows/events/payment.ts';

interface Taken {
  readonly userId: string;
  readonly eventId: string;
  readonly href: string;
  readonly saga: { id: string; href: string };
}

const taken = async (response: Response) => (await response.json()) as Taken;
const aSignUp = () => ({ email: `${randomUUID()}@customer.example`, name: 'Ada' });

describe('the shop', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await createShop();
    await shop.startIngest();
  });
  afterAll(() => shop.close());

  const recorded = (key: string) => shop.database.outboxEvent.findMany({ where: { key }, orderBy: { id: 'asc' } });
  const problemOf = async (response: Response) => {
    const { type } = (await response.json()) as { type: string };
    return [response.status, type.split(':').at(-1)];
  };

  describe('POST /v1/orders', () => {
    test('row, event and saga: over the outbox and Kafka, under one event id', async () => {
      const order = aNewOrder();
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const response = await shop.post('/v1/orders', { ...order, unknown: 'dropped' }, { traceparent });
      expect([response.status, response.headers.get('location')]).toEqual([201, `/v1/orders/${order.orderId}`]);
      const answer = await taken(response);
      expect(answer).toEqual({
        orderId: order.orderId,
        href: `/v1/orders/${order.orderId}`,
        eventId: `ce:/sagaline:order.created/${order.orderId}`,
        saga: { id: `orderSaga:${order.orderId}`, href: `/v1/sagas/orderSaga%3A${order.orderId}` },
      });
      await shop.started(answer.saga.id);
      expect(await shop.inputOf(answer.saga.id)).toMatchObject({ eventId: answer.eventId, data: order, traceparent });
      const row = await applicationTables(shop.database).order.findUniqueOrThrow({ where: { orderId: order.orderId } });
      expect(row).toMatchObject({ customerId: order.customerId, amount: BigInt(order.amount), items: order.items });
      expect(JSON.stringify({ ...row, amount: 0 })).not.toMatch(/customer\.example|tok_/);
    });

    test('again: the same answer, one row, one event', async () => {
      const order = aNewOrder();
      const first = await shop.post('/v1/orders', order);
      const entries = Object.entries(order).reverse();
      const second = await shop.post('/v1/orders', Object.fromEntries(entries));
      expect([second.status, await second.text()]).toEqual([first.status, await first.text()]);
      expect(await recorded(order.orderId)).toHaveLength(1);
    });

    test.each(['amount', 'contact'] as const)('again with another %s: 409, and nothing changes', async (field) => {
      const order = aNewOrder();
      await shop.post('/v1/orders', order);
      const other = { ...order, ...{ amount: 1, contact: { email: 'eve@customer.example' } } };
      const refused = await shop.post('/v1/orders', { ...order, [field]: other[field] });
      expect(await problemOf(refused)).toEqual([409, 'already-exists']);
      expect((await recorded(order.orderId)).map(({ payload }) => payload)).toEqual([order]);
    });

    test('an order whose saga came by another way, with another content, is 409', async () => {
      const order = aNewOrder();
      const known = sagaRow(order.orderId, { payloadHash: payloadHash({ ...order, amount: 1 }) });
      await shop.database.saga.create({ data: known });
      expect(await problemOf(await shop.post('/v1/orders', order))).toEqual([409, 'conflicting-duplicate']);
      expect(await applicationTables(shop.database).order.count({ where: { orderId: order.orderId } })).toBe(0);
      expect(await recorded(order.orderId)).toEqual([]);
    });

    test('20 at once, with two contents: one of them is taken, once', async () => {
      const order = aNewOrder();
      const orders = [order, { ...order, amount: order.amount + 1 }];
      const responses = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => await shop.post('/v1/orders', orders[at % 2])),
      );
      const statuses = responses.map(({ status }) => status).sort();
      expect(statuses).toEqual([...Array<number>(10).fill(201), ...Array<number>(10).fill(409)]);
      expect(await recorded(order.orderId)).toHaveLength(1);
    });

    test('an Idempotency-Key that came with another order is 409', async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const [first, second] = [aNewOrder(), aNewOrder()];
      expect((await shop.post('/v1/orders', first, headers)).status).toBe(201);
      expect((await shop.post('/v1/orders', first, headers)).status).toBe(201);
      expect(await problemOf(await shop.post('/v1/orders', second, headers))).toEqual([409, 'idempotency-key-reused']);
      expect(await recorded(second.orderId)).toEqual([]);
    });

    test('an order that is none is 422 by field', async () => {
      const response = await shop.post('/v1/orders', { ...aNewOrder(), amount: 19.99 });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ errors: [{ field: 'amount' }] });
    });
  });

  describe('GET /v1/orders/:id', () => {
    test('tells what happened, and the state that follows', async () => {
      const order = aNewOrder();
      const { orderId, amount, currency } = order;
      await shop.post('/v1/orders', order);
      const read = async () => (await (await shop.get(`/v1/orders/${orderId}`)).json()) as Record<string, unknown>;
      expect(await read()).toMatchObject({ orderId, amount, currency, items: order.items, state: 'created' });
      const workflowId = `orderSaga:${orderId}`;
      await shop.database.$transaction((tx) =>
        recordEvent(
          tx,
          paymentEvents['payment.completed'],
          { orderId, amount, currency, paymentId: 'ch_1' },
          { eventId: `${workflowId}/payment:payment.completed`, workflowId },
        ),
      );
      const paid = await read();
      expect(paid).toMatchObject({ state: 'paid', events: [{ type: 'order.created' }, { type: 'payment.completed' }] });
      expect(paid).not.toHaveProperty('contact');
    });

    test.each(['nobody', 'a b', '%00'])('%s is 404', async (id) => {
      expect(await problemOf(await shop.get(`/v1/orders/${id}`))).toEqual([404, 'not-found']);
      expect(await problemOf(await shop.get(`/v1/users/${id}`))).toEqual([404, 'not-found']);
    });
  });

  describe('POST /v1/users', () => {
    test('row, event and saga; the user can be read back', async () => {
      const signUp = { ...aSignUp(), locale: 'ko-KR' };
      const response = await shop.post('/v1/users', signUp);
      expect(response.status).toBe(201);
      const answer = await taken(response);
      expect(response.headers.get('location')).toBe(`/v1/users/${answer.userId}`);
      await shop.started(answer.saga.id);
      const data = { ...signUp, userId: answer.userId };
      expect(await shop.inputOf(answer.saga.id)).toMatchObject({ eventId: answer.eventId, data });
      const read = await shop.get(answer.href);
      expect(await read.json()).toMatchObject({ ...data, state: 'created', events: [{ type: 'user.created' }] });
    });

    test('an address that another user has is 409, in capitals, too, and does not repeat it', async () => {
      const signUp = aSignUp();
      await shop.post('/v1/users', signUp);
      const response = await shop.post('/v1/users', { ...signUp, email: signUp.email.toUpperCase() });
      const text = await response.clone().text();
      expect(await problemOf(response)).toEqual([409, 'email-taken']);
      expect(text.toLowerCase()).not.toContain(signUp.email);
    });

    test('other data under a known id have one answer, before and after the saga began', async () => {
      const [user, order] = [{ userId: `u-${randomUUID()}`, ...aSignUp() }, aNewOrder()];
      const begun = [await shop.post('/v1/users', user), await shop.post('/v1/orders', order)];
      for (const { saga } of await Promise.all(begun.map(taken))) await shop.started(saga.id);
      const others = [
        await shop.post('/v1/users', { ...user, name: 'Grace' }),
        await shop.post('/v1/orders', { ...order, contact: { email: 'eve@customer.example' } }),
      ];
      const known = [409, 'already-exists'];
      expect(await Promise.all(others.map(problemOf))).toEqual([known, known]);
    });

    test('the same sign-up again gives the same answer; other data under its id are 409', async () => {
      const user = { userId: `u-${randomUUID()}`, ...aSignUp() };
      const answers = [await shop.post('/v1/users', user), await shop.post('/v1/users', user)];
      const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
      expect(second).toBe(first);
      const other = await shop.post('/v1/users', { ...user, name: 'Grace' });
      expect(await problemOf(other)).toEqual([409, 'already-exists']);
      expect((await recorded(user.userId)).map(({ payload }) => payload)).toEqual([user]);
    });

    test('with an Idempotency-Key a repetition gets the id that was drawn first', async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const signUp = aSignUp();
      const responses = await Promise.all(
        Array.from({ length: 5 }, async () => await shop.post('/v1/users', signUp, headers)),
      );
      const answers = await Promise.all(responses.map(taken));
      expect(new Set(answers.map(({ userId }) => userId)).size).toBe(1);
      expect(await recorded(answers[0]?.userId ?? '')).toHaveLength(1);
    });

    test('20 sign-ups at once with one address: one user, one event', async () => {
      const { email } = aSignUp();
      const responses = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => await shop.post('/v1/users', { email, name: `Ada ${at}` })),
      );
      expect(responses.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
      expect(await applicationTables(shop.database).user.count({ where: { email } })).toBe(1);
      const events = await shop.database.outboxEvent.findMany({ where: { type: 'user.created' } });
      expect(events.filter(({ payload }) => JSON.stringify(payload).includes(email))).toHaveLength(1);
    });
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AcceptedEvent } from '../../../packages/sagaline/http/events/accept-event.ts';
import { payloadHash } from '../../../packages/sagaline/events/payload-hash.ts';
import { parseRecord } from '../../../packages/sagaline/events/parse-record.ts';
import { collect, eventually, type Collector } from '../../support/kafka.ts';
import { anOrder } from '../../support/orders.ts';
import { createApi, sagaRow, type Api } from './support/api.ts';
import { readingWith } from '../../support/reference.ts';

const ORDERS = '/v1/events/order.created';
const CANCELS = '/v1/events/order.cancel-requested';
const accepted = async (response: Response) => (await response.json()) as AcceptedEvent;
const anOrderId = () => `o-${randomUUID()}`;

describe('POST /v1/events/:type', () => {
  let api: Api;
  let kafka: Collector;

  beforeAll(async () => {
    api = await createApi();
    kafka = await collect(api.kafka, 'order.created', 'order.cancel-requested');
  });
  afterAll(async () => {
    await kafka.close();
    await api.close();
  });

  const recordsOf = (key: string) => kafka.records.filter((record) => record.key?.toString() === key);
  const arrived = (key: string, count: number) =>
    eventually(() => expect(recordsOf(key).length).toBeGreaterThanOrEqual(count));

  test('puts the event on Kafka, as ingest reads it, and answers with its id and its saga', async () => {
    const orderId = anOrderId();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const response = await api.post(ORDERS, { ...anOrder({ orderId }), unknown: 'dropped' }, { traceparent });
    expect(response.status).toBe(202);
    const answer = await accepted(response);
    expect(answer).toEqual({
      eventId: `ce:/sagaline/http:order.created/${orderId}`,
      type: 'order.created',
      key: orderId,
      saga: { id: `orderSaga:${orderId}`, href: `/v1/sagas/orderSaga%3A${orderId}` },
    });
    await arrived(orderId, 1);
    const [event] = recordsOf(orderId).map((record) =>
      parseRecord(
        record,
        readingWith(() => true),
      ),
    );
    expect(event).toMatchObject({ eventId: answer.eventId, key: orderId, traceparent, payload: anOrder({ orderId }) });
    expect(event?.payload).not.toHaveProperty('unknown');
  });

  test('the same order twice is the same event, with the same answer', async () => {
    const order = anOrder({ orderId: anOrderId() });
    const answers = [await api.post(ORDERS, order), await api.post(ORDERS, order)];
    const [first, second] = await Promise.all(answers.map((answer) => answer.json()));
    expect(second).toEqual(first);
  });

  test('another payload for a saga that is known is a conflicting duplicate', async () => {
    const order = anOrder({ orderId: anOrderId() });
    await api.database.saga.create({ data: sagaRow(order.orderId, { payloadHash: payloadHash(order) }) });
    expect((await api.post(ORDERS, order)).status).toBe(202);
    const conflicting = await api.post(ORDERS, { ...order, amount: 1 });
    expect(conflicting.status).toBe(409);
    expect(await conflicting.json()).toMatchObject({ type: 'urn:sagaline:problem:conflicting-duplicate' });
  });

  describe('with an Idempotency-Key', () => {
    test('the same request has the same answer and the same event', async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const orderId = anOrderId();
      const first = await accepted(await api.post(CANCELS, { orderId, reason: 'changed my mind' }, headers));
      const second = await accepted(await api.post(CANCELS, { reason: 'changed my mind', orderId }, headers));
      expect(second).toEqual(first);
      await arrived(orderId, 2);
      const ids = recordsOf(orderId).map(
        (record) =>
          parseRecord(
            record,
            readingWith(() => false),
          ).eventId,
      );
      expect(new Set(ids)).toEqual(new Set([first.eventId]));
    });

    test('another body, or another resource, is refused with 409 and produces nothing (failure mode 56)', async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const orderId = anOrderId();
      await api.post(ORDERS, anOrder({ orderId }), headers);
      const others = [
        api.post(ORDERS, anOrder({ orderId, amount: 2 }), headers),
        api.post(ORDERS, anOrder({ orderId: anOrderId() }), headers),
        api.post(CANCELS, { orderId }, headers),
      ];
      for (const response of await Promise.all(others)) {
        expect(response.status).toBe(409);
        expect(await response.json()).toMatchObject({ type: 'urn:sagaline:problem:idempotency-key-reused' });
      }
      await api.post(ORDERS, anOrder({ orderId }), headers);
      await arrived(orderId, 2);
      expect(recordsOf(orderId).map((record) => record.topic)).toEqual(['order.created', 'order.created']);
    });

    test('20 requests at once, with two bodies, agree on one of them', async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const orders = [anOrder({ orderId: anOrderId() }), anOrder({ orderId: anOrderId() })];
      const responses = await Promise.all(
        Array.from({ length: 20 }, async (_, at) => await api.post(ORDERS, orders[at % 2], headers)),
      );
      const statuses = responses.map(({ status }) => status).sort();
      expect(statuses).toEqual([...Array<number>(10).fill(202), ...Array<number>(10).fill(409)]);
      const accepted = responses.filter(({ status }) => status === 202);
      const answers = await Promise.all(accepted.map(async (response) => JSON.stringify(await response.json())));
      expect(new Set(answers).size).toBe(1);
    });

    test('what is in the inbox is not produced again', async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      const order = anOrder({ orderId: anOrderId() });
      const { eventId } = await accepted(await api.post(ORDERS, order, headers));
      await arrived(order.orderId, 1);
      const hash = payloadHash(order);
      const workflowId = `orderSaga:${order.orderId}`;
      const position = { topic: 'order.created', partition: 0, offset: 0n };
      const row = {
        eventId,
        type: 'order.created',
        ...position,
        payloadHash: hash,
        workflowId,
        sagaName: 'orderSaga',
        state: 'started',
      };
      await api.database.inboxEvent.create({ data: row });
      expect((await api.post(ORDERS, order, headers)).status).toBe(202);
      // One that comes after it has arrived: had there been a second copy, it would have arrived before.
      await api.post(CANCELS, { orderId: order.orderId });
      await api.post(ORDERS, { ...order, orderId: `${order.orderId}.after` });
      await arrived(`${order.orderId}.after`, 1);
      expect(recordsOf(order.orderId).filter(({ topic }) => topic === 'order.created')).toHaveLength(1);
    });
  });

  test('without one, two cancel requests are two events', async () => {
    const orderId = anOrderId();
    const first = await accepted(await api.post(CANCELS, { orderId }));
    const second = await accepted(await api.post(CANCELS, { orderId }));
    expect(second.eventId).not.toBe(first.eventId);
    expect(second.saga).toEqual({ id: `orderSaga:${orderId}`, href: `/v1/sagas/orderSaga%3A${orderId}` });
  });
});

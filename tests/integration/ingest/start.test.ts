import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSagaStarter } from '../../../packages/sagaline/temporal/start-saga.ts';
import { eventually } from '../../support/kafka.ts';
import { anOrder } from '../../support/orders.ts';
import { orderRecord, orderSagaOf, withEventId } from './support/records.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startIngest();
});
afterAll(() => world.close());

/** Resolves when everything produced before it is handled: the topic has one partition. */
async function allHandled(): Promise<void> {
  const last = anOrderId();
  await world.produce(orderRecord(last));
  await eventually(async () => {
    expect(await world.inboxOf(orderSagaOf(last))).toMatchObject([{ state: 'started' }]);
  });
}

test('an order starts its saga, with all that the UI needs to tell its story', async () => {
  const orderId = anOrderId();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await world.produce({ ...orderRecord(orderId), headers: { traceparent } });

  const { type, typedSearchAttributes, raw, taskQueue } = await world.started(orderSagaOf(orderId));
  expect({ type, taskQueue }).toEqual({ type: 'orderSaga', taskQueue: world.prefix });
  const attributes = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
  expect(Object.fromEntries(attributes)).toEqual({
    SagaState: 'running',
    BusinessKey: orderId,
    EventId: `key:order.created:${orderId}`,
  });
  expect(raw.executionConfig?.userMetadata?.summary?.data?.toString()).toContain(`order.created ${orderId}`);
  expect(await world.inputOf(orderSagaOf(orderId))).toMatchObject({
    sagaId: orderId,
    eventId: `key:order.created:${orderId}`,
    data: anOrder({ orderId }),
    source: { topic: 'order.created', partition: 0 },
    traceparent,
  });
});

describe('one order makes one saga', () => {
  test('when the event comes 100 times', async () => {
    const orderId = anOrderId();
    await world.produce(...Array.from({ length: 100 }, () => orderRecord(orderId)));
    await allHandled();
    expect(await world.inboxOf(orderSagaOf(orderId))).toMatchObject([{ state: 'started' }]);
    expect(await world.database.saga.count({ where: { sagaId: orderId } })).toBe(1);
  });

  test('when 50 starts come at once', async () => {
    const sagaId = anOrderId();
    const startSaga = createSagaStarter({ temporal: world.temporal, taskQueue: world.prefix, settings: {} });
    const input = { sagaId, eventId: `key:order.created:${sagaId}`, data: anOrder({ orderId: sagaId }) };
    const start = { sagaName: 'orderSaga', type: 'order.created', businessKey: sagaId, input } as const;
    const results = await Promise.all(Array.from({ length: 50 }, () => startSaga(start)));
    expect(results.sort().slice(-2)).toEqual(['alreadyStarted', 'started']);
    await world.temporal.client.workflow.getHandle(orderSagaOf(sagaId)).terminate();
  });

  test('when two producers tell of it under ids of their own', async () => {
    const orderId = anOrderId();
    const ids = [randomUUID(), randomUUID()];
    await world.produce(...ids.map((id) => withEventId(orderRecord(orderId), id)));
    await allHandled();
    const rows = await world.inboxOf(orderSagaOf(orderId));
    expect(rows.map(({ eventId, state }) => [eventId, state])).toEqual([
      [`ce:/shop:${ids[0]}`, 'started'],
      [`ce:/shop:${ids[1]}`, 'ignored'],
    ]);
  });

  test('when Temporal has forgotten it', { timeout: 150_000 }, async () => {
    const orderId = anOrderId();
    await world.produce(orderRecord(orderId));
    await world.started(orderSagaOf(orderId));
    await world.forget(orderSagaOf(orderId));

    await world.produce(orderRecord(orderId));
    await allHandled();
    await expect(world.temporal.client.workflow.getHandle(orderSagaOf(orderId)).describe()).rejects.toThrow(
      /not found/,
    );
  });
});

describe('a conflicting duplicate is a dead letter', () => {
  test.each([
    ['the same order with another amount', (record: object) => record, (record: object) => record],
    ['the same order with another amount and event id', withId('e-1'), withId('e-2')],
  ])('%s', async (_name, first, second) => {
    const orderId = anOrderId();
    await world.produce(first(orderRecord(orderId)), second(orderRecord(orderId, { amount: 2999 })));
    await allHandled();
    const letters = await world.database.deadLetter.findMany({ where: { key: Buffer.from(orderId) } });
    expect(letters).toMatchObject([{ reason: 'conflicting-duplicate' }]);
    expect(await world.inputOf(orderSagaOf(orderId))).toMatchObject({ data: { amount: 1999 } });
  });

  test('the same event id for another order', async () => {
    const [one, other] = [anOrderId(), anOrderId()];
    const id = randomUUID();
    await world.produce(withEventId(orderRecord(one), id), withEventId(orderRecord(other), id));
    await allHandled();
    expect(await world.database.deadLetter.findMany({ where: { key: Buffer.from(other) } })).toHaveLength(1);
    expect(await world.database.saga.count({ where: { sagaId: other } })).toBe(0);
  });

  function withId(id: string) {
    const own = `${id}-${randomUUID()}`;
    return (record: object) => withEventId(record as ReturnType<typeof orderRecord>, own);
  }
});

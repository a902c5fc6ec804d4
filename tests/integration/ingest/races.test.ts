import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Transition } from '../../../packages/sagaline/ingest/arrival.ts';
import { giveUpEvents } from '../../../packages/sagaline/ingest/sql/give-up-events.ts';
import { settleEvents } from '../../../packages/sagaline/ingest/sql/settle-events.ts';
import type { RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import { consumed, consumerOf } from './support/consumer.ts';
import { cancelRecord, orderRecord, orderSagaOf } from './support/records.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

let world: World;
let producer: RecordProducer;
beforeAll(async () => {
  world = await createWorld();
  producer = await world.kafka.createProducer();
});
afterAll(async () => {
  await producer.close();
  await world.close();
});

const aConsumer = (beforeStart?: () => Promise<void>) => consumerOf(world, { producer, beforeStart });

test('a cancel that is parked while its saga is being started reaches it', async () => {
  const orderId = anOrderId();
  const workflowId = orderSagaOf(orderId);
  const cancels = aConsumer();
  const starts = aConsumer(async () => {
    await cancels.handle([consumed(cancelRecord(orderId))]);
    expect(await world.inboxOf(workflowId)).toMatchObject([{ state: 'received' }, { state: 'parked' }]);
  });
  await starts.handle([consumed(orderRecord(orderId))]);

  expect(await world.inboxOf(workflowId)).toMatchObject([{ state: 'started' }, { state: 'signalled' }]);
  expect(await world.signalsOf(workflowId)).toHaveLength(1);
});

test('a cancel that stayed parked because a consumer died is brought by the sweeper', async () => {
  const orderId = anOrderId();
  const workflowId = orderSagaOf(orderId);
  const { handle, sweep } = aConsumer();
  await handle([consumed(orderRecord(orderId)), consumed(cancelRecord(orderId))]);
  await world.database.inboxEvent.updateMany({
    where: { workflowId, type: 'order.cancel-requested' },
    data: { state: 'parked' },
  });

  await Promise.all([sweep(), sweep()]);
  expect(await world.inboxOf(workflowId)).toMatchObject([{ state: 'started' }, { state: 'signalled' }]);
});

test('copies of one order that two consumers handle at the same moment make one saga', async () => {
  const ids = Array.from({ length: 20 }, anOrderId);
  const copies = (partition: number) => ids.map((orderId) => consumed(orderRecord(orderId), partition));
  await Promise.all([
    aConsumer().handle(copies(0)),
    aConsumer().handle(copies(1).reverse()),
    aConsumer().handle(copies(2)),
  ]);

  const rows = await world.database.inboxEvent.findMany({ where: { key: { in: ids } } });
  expect(rows).toHaveLength(ids.length);
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['started']));
});

test('two consumers that tell different stories about one order: one is started, the other one a dead letter', async () => {
  const orderId = anOrderId();
  const stories = [1_000, 2_000, 3_000].map((amount) => consumed(orderRecord(orderId, { amount })));
  await Promise.all(stories.map((story) => aConsumer().handle([story])));

  expect(await world.inboxOf(orderSagaOf(orderId))).toMatchObject([{ state: 'started' }]);
  const letters = await world.database.deadLetter.findMany({ where: { key: Buffer.from(orderId) } });
  expect(letters.map(({ reason }) => reason)).toEqual(['conflicting-duplicate', 'conflicting-duplicate']);
});

/** Copies come in another order on every partition; PostgreSQL ends one of two that wait for each other. */
test.each<[string, (orders: readonly Transition[]) => Promise<unknown>]>([
  ['settle', (orders: readonly Transition[]) => settleEvents(world.database, orders)],
  ['give up', (orders: readonly Transition[]) => giveUpEvents(world.database, orders)],
])('many who %s the same events in other orders never wait in a circle', async (_, act) => {
  for (let round = 0; round < 20; round++) {
    const orders = Array.from({ length: 200 }, () => {
      const orderId = anOrderId();
      return { eventId: `key:order.created:${orderId}`, workflowId: orderSagaOf(orderId) };
    });
    const common = { sagaName: 'orderSaga', type: 'order.created', topic: 'order.created', partition: 0, offset: 0n };
    await world.database.inboxEvent.createMany({
      data: orders.map((order) => ({ ...order, ...common, payloadHash: 'a'.repeat(64), state: 'received' })),
    });
    const transitions: Transition[] = orders.map((order) => ({ ...order, sagaName: 'orderSaga', state: 'started' }));
    await Promise.all(
      [transitions, transitions.toReversed(), transitions, transitions.toReversed()].map((orders) => act(orders)),
    );
    const left = await world.database.inboxEvent.count({
      where: { eventId: { in: orders.map(({ eventId }) => eventId) }, state: 'received' },
    });
    expect(left).toBe(0);
  }
});

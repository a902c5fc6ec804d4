import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowIdOf } from '../../../workflows/contracts/saga.ts';
import { anOrder } from '../../support/orders.ts';
import { eventually } from '../../support/kafka.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startIngest();
}, 60_000);
afterAll(() => world.close());

const order = (orderId: string) => ({ key: orderId, value: JSON.stringify(anOrder({ orderId })) });

test('an order starts its saga once, with all that the UI needs to tell its story', async () => {
  const orderId = anOrderId();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await world.produce({ ...order(orderId), headers: { traceparent } });

  const { type, searchAttributes, raw, taskQueue } = await world.started(workflowIdOf('orderSaga', orderId));
  expect({ type, taskQueue }).toEqual({ type: 'orderSaga', taskQueue: world.prefix });
  expect(searchAttributes).toMatchObject({
    SagaState: ['running'],
    BusinessKey: [orderId],
    EventId: [`key:order.created:${orderId}`],
  });
  expect(raw.executionConfig?.userMetadata?.summary?.data?.toString()).toContain(`order.created ${orderId}`);
});

test('the same event 100 times makes one saga, with one inbox row', async () => {
  const orderId = anOrderId();
  const last = anOrderId();
  await world.produce(...Array.from({ length: 100 }, () => order(orderId)), order(last));

  await world.started(workflowIdOf('orderSaga', last));
  await eventually(async () => {
    const rows = await world.inboxOf(workflowIdOf('orderSaga', orderId));
    expect(rows.map(({ state }) => state)).toEqual(['started']);
  });
  expect(await world.database.saga.count({ where: { sagaId: orderId } })).toBe(1);
});

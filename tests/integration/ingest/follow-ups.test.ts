import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/kafka.ts';
import { activityRecord, cancelRecord, orderRecord, orderSagaOf, userRecord } from './support/records.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startIngest();
});
afterAll(() => world.close());

const states = async (workflowId: string): Promise<string[]> =>
  (await world.inboxOf(workflowId)).map(({ type, state }) => `${type} ${state}`);

const reaches = (workflowId: string, expected: string[]): Promise<void> =>
  eventually(async () => expect(await states(workflowId)).toEqual(expected));

describe('a cancel', () => {
  test('while the saga runs is signalled to it under its event type', async () => {
    const orderId = anOrderId();
    await world.produce(orderRecord(orderId));
    await world.started(orderSagaOf(orderId));
    await world.produce(cancelRecord(orderId));

    await reaches(orderSagaOf(orderId), ['order.created started', 'order.cancel-requested signalled']);
    expect(await world.signalsOf(orderSagaOf(orderId))).toMatchObject([
      { type: 'order.cancel-requested', data: { orderId, reason: 'changed my mind' } },
    ]);
  });

  test('before its order is parked, and in the input of the saga when it comes', async () => {
    const orderId = anOrderId();
    await world.produce(cancelRecord(orderId));
    await reaches(orderSagaOf(orderId), ['order.cancel-requested parked']);

    await world.produce(orderRecord(orderId));
    await reaches(orderSagaOf(orderId), ['order.created started', 'order.cancel-requested signalled']);
    expect(await world.inputOf(orderSagaOf(orderId))).toMatchObject({
      followUps: [{ type: 'order.cancel-requested', data: { orderId } }],
    });
    expect(await world.signalsOf(orderSagaOf(orderId))).toEqual([]);
  });

  test.each(['completed', 'rejected', 'failed'])('after the saga %s is too late, and answered once', async (state) => {
    const orderId = anOrderId();
    const workflowId = orderSagaOf(orderId);
    await world.produce(orderRecord(orderId));
    await world.started(workflowId);
    await world.database.saga.update({ where: { workflowId }, data: { state } });
    await world.produce(cancelRecord(orderId));

    await reaches(workflowId, ['order.created started', 'order.cancel-requested tooLate']);
    const [cancel] = await world.database.inboxEvent.findMany({
      where: { workflowId, type: 'order.cancel-requested' },
    });
    expect(await world.database.outboxEvent.findMany({ where: { workflowId } })).toMatchObject([
      {
        eventId: `${workflowId}:cancel-refused:${cancel?.eventId}`,
        type: 'order.cancel-refused',
        key: orderId,
        payload: { orderId, reason: 'TooLate', state },
      },
    ]);
    expect(await world.signalsOf(workflowId)).toEqual([]);
  });

  test('of a saga that is cancelled already needs no answer', async () => {
    const orderId = anOrderId();
    const workflowId = orderSagaOf(orderId);
    await world.produce(orderRecord(orderId));
    await world.started(workflowId);
    await world.database.saga.update({ where: { workflowId }, data: { state: 'cancelled' } });
    await world.produce(cancelRecord(orderId));

    await reaches(workflowId, ['order.created started', 'order.cancel-requested tooLate']);
    expect(await world.database.outboxEvent.count({ where: { workflowId } })).toBe(0);
  });

  test('of a saga whose workflow was ended from outside waits, and is told neither that it ended nor that it is too late', async () => {
    const orderId = anOrderId();
    const workflowId = orderSagaOf(orderId);
    await world.produce(orderRecord(orderId));
    await reaches(workflowId, ['order.created started']);
    await world.temporal.client.workflow.getHandle(workflowId).terminate('an operator');
    await world.produce(cancelRecord(orderId));

    await reaches(workflowId, ['order.created started', 'order.cancel-requested parked']);
    expect(await world.database.outboxEvent.count({ where: { workflowId } })).toBe(0);
    // No worker tells of its steps, so nobody knows whether it was past a pivot: its row is left as it was.
    expect(await world.database.saga.findUnique({ where: { workflowId } })).toMatchObject({ state: 'running' });
  });
});

describe('an activity of a user', () => {
  test("for nobody's saga leaves no trace; of several the saga gets one", async () => {
    const userId = `u-${randomUUID()}`;
    const workflowId = `signupSaga:${userId}`;
    const before = Math.max(0, await world.committedOffset('user.activity'));
    await world.produce(activityRecord(userId), activityRecord(userId));
    // On a topic of their own, they could be read after the sign-up.
    await eventually(async () => expect(await world.committedOffset('user.activity')).toBe(before + 2));
    await world.produce(userRecord(userId));
    await world.started(workflowId);
    await reaches(workflowId, ['user.created started']);

    await world.produce(activityRecord(userId));
    await eventually(async () => expect(await world.signalsOf(workflowId)).toHaveLength(1));
    await eventually(async () =>
      expect(await world.database.saga.findUnique({ where: { workflowId } })).toMatchObject({
        delivered: ['user.activity'],
      }),
    );
    // A marker behind them in the same partition tells when they are handled.
    const marker = `u-${randomUUID()}`;
    await world.produce(userRecord(marker));
    await world.started(`signupSaga:${marker}`);
    await world.produce(activityRecord(userId), activityRecord(userId), activityRecord(marker));
    await eventually(async () => expect(await world.signalsOf(`signupSaga:${marker}`)).toHaveLength(1));

    expect(await world.signalsOf(workflowId)).toHaveLength(1);
    expect(await states(workflowId)).toEqual(['user.created started', 'user.activity signalled']);
  });
});

test('a follow-up that waited longer than the window becomes a dead letter', async () => {
  const impatient = await createWorld();
  try {
    const orderId = anOrderId();
    const ingest = { ...impatient.config.ingest, parkedWindowMs: 1_000 };
    await impatient.startIngest({ config: { ...impatient.config, ingest } });
    await impatient.produce(cancelRecord(orderId));

    const row = await impatient.deadLetter('order.cancel-requested', 0);
    expect(row).toMatchObject({ reason: 'saga-not-found', key: new Uint8Array(Buffer.from(orderId)) });
    const [letter] = await impatient.read('order.cancel-requested.dlq', 1);
    expect(JSON.parse(String(letter?.value))).toEqual({ orderId, reason: 'changed my mind' });
    await eventually(async () =>
      expect(await impatient.inboxOf(orderSagaOf(orderId))).toMatchObject([{ state: 'deadLettered' }]),
    );
  } finally {
    await impatient.close();
  }
});

/** Events that are told more than once: which tellings are the same, and what becomes of one whose first telling was left half done. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { settleEvents } from '../../../packages/sagaline/ingest/sql/settle-events.ts';
import { payloadHash } from '../../../packages/sagaline/events/payload-hash.ts';
import type { RecordProducer } from '../../../packages/sagaline/kafka/port.ts';
import { anOrder } from '../../support/orders.ts';
import { consumed, consumerOf } from './support/consumer.ts';
import { quietObserver } from './support/quiet-observer.ts';
import { cancelRecord, orderRecord, orderSagaOf, withEventId } from './support/records.ts';
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
const lettersOf = (orderId: string) => world.database.deadLetter.findMany({ where: { key: Buffer.from(orderId) } });

/** An order with a field that no schema knows, at another value each time. */
function orderWith(orderId: string, more: object, amount = 1999) {
  return { ...orderRecord(orderId), value: JSON.stringify({ ...more, ...anOrder({ orderId, amount }) }) };
}

describe('a second telling is the same event', () => {
  test('when only fields differ that no schema knows, or the order of fields', async () => {
    const orderId = anOrderId();
    const { handle } = aConsumer();
    expect(await handle([consumed(orderWith(orderId, { coupon: 'A' }))])).toEqual(['started']);
    expect(await handle([consumed(orderWith(orderId, { coupon: 'B' }))])).toEqual(['duplicate']);
    expect(await lettersOf(orderId)).toEqual([]);
  });

  test('when the schema learned of a field meanwhile: what came has not changed', async () => {
    const orderId = anOrderId();
    const { handle } = aConsumer();
    await handle([consumed(orderRecord(orderId))]);
    // As a schema that knew less would have read it.
    const changed = { payloadHash: payloadHash('less was known') };
    await world.database.inboxEvent.updateMany({ where: { workflowId: orderSagaOf(orderId) }, data: changed });
    await world.database.saga.updateMany({ where: { workflowId: orderSagaOf(orderId) }, data: changed });

    expect(await handle([consumed(orderRecord(orderId))])).toEqual(['duplicate']);
    // Under another id, it is another telling of the same saga.
    expect(await handle([consumed(withEventId(orderRecord(orderId), `e-${orderId}`))])).toEqual(['duplicate']);
    expect(await lettersOf(orderId)).toEqual([]);
  });

  test('also where it was taken before what came was hashed', async () => {
    const orderId = anOrderId();
    const { handle } = aConsumer();
    const known = withEventId(cancelRecord(orderId), `c-${orderId}`);
    await handle([consumed(orderRecord(orderId)), consumed(known)]);
    const where = { workflowId: orderSagaOf(orderId), type: 'order.cancel-requested' };
    const former = (payload: object) => ({ payload, payloadHash: payloadHash(payload), contentHash: null });
    await world.database.inboxEvent.updateMany({ where, data: former({ orderId, reason: 'changed my mind' }) });
    expect(await handle([consumed(known)])).toEqual(['duplicate']);
    // By a schema that had no reason yet.
    await world.database.inboxEvent.updateMany({ where, data: former({ orderId }) });
    expect(await handle([consumed(known)])).toEqual(['duplicate']);
    expect(await lettersOf(orderId)).toEqual([]);

    await world.database.inboxEvent.updateMany({ where, data: former({ orderId, reason: 'another one' }) });
    expect(await handle([consumed(known)])).toEqual([]);
    expect(await lettersOf(orderId)).toMatchObject([{ reason: 'conflicting-duplicate' }]);
  });
});

describe('an event that was recorded and not taken up', () => {
  const down = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));

  async function leaveHalfDone(orderId: string): Promise<void> {
    await expect(aConsumer(down).handle([consumed(orderRecord(orderId, { amount: 1_000 }))])).rejects.toThrow(
      'connect',
    );
    expect(await world.inboxOf(orderSagaOf(orderId))).toMatchObject([{ state: 'received' }]);
  }

  test('is taken up before another story of it becomes a dead letter', async () => {
    const orderId = anOrderId();
    await leaveHalfDone(orderId);
    await aConsumer().handle([consumed(orderRecord(orderId, { amount: 2_000 }))]);

    expect(await world.inputOf(orderSagaOf(orderId))).toMatchObject({ data: { orderId, amount: 1_000 } });
    expect(await world.inboxOf(orderSagaOf(orderId))).toMatchObject([{ state: 'started' }]);
    expect(await lettersOf(orderId)).toMatchObject([{ reason: 'conflicting-duplicate' }]);
  });

  test('is counted once it is overdue, and taken up by the sweeper with what waits for it', async () => {
    const orderId = anOrderId();
    await leaveHalfDone(orderId);
    await aConsumer(down)
      .handle([consumed(cancelRecord(orderId))])
      .catch(() => undefined);
    const overdue = vi.fn();
    const swept = (beforeStart?: () => Promise<void>) =>
      consumerOf(world, { producer, beforeStart, observer: { ...quietObserver, overdue } });

    await swept().sweep(60_000);
    expect(overdue).toHaveBeenLastCalledWith(0, 0);
    await expect(swept(down).sweep(0)).rejects.toThrow('connect');
    expect(overdue).toHaveBeenLastCalledWith(expect.any(Number), expect.any(Number));
    expect(overdue.mock.lastCall?.[0]).toBeGreaterThan(0);
    await swept().sweep(0);
    expect(overdue).toHaveBeenLastCalledWith(0, 0);

    const states = (await world.inboxOf(orderSagaOf(orderId))).map(({ type, state }) => `${type} ${state}`);
    expect(states).toEqual(['order.created started', 'order.cancel-requested signalled']);
    expect(await world.signalsOf(orderSagaOf(orderId))).toHaveLength(
      (await world.inputOf(orderSagaOf(orderId)))?.followUps?.length === 1 ? 0 : 1,
    );
  });
});

test.each(['started', 'signalled', 'ignored', 'tooLate', 'deadLettered'])(
  'an event that is %s stays it, whoever settles it late',
  async (state) => {
    const orderId = anOrderId();
    const workflowId = orderSagaOf(orderId);
    await aConsumer().handle([consumed(cancelRecord(orderId))]);
    await world.database.inboxEvent.updateMany({ where: { workflowId }, data: { state } });
    const [{ eventId, sagaName } = { eventId: '', sagaName: '' }] = await world.inboxOf(workflowId);

    // A consumer that was frozen in mid-delivery while the sweeper, or another consumer, came to another end.
    for (const late of ['parked', 'signalled', 'ignored'] as const) {
      await settleEvents(world.database, [{ eventId, sagaName, workflowId, state: late }]);
    }
    expect(await world.inboxOf(workflowId)).toMatchObject([{ state }]);
  },
);

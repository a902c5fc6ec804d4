/** A topic that is deleted and made again repeats its offsets: what comes at an old place is another event. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteTopic, eventually } from '../../support/kafka.ts';
import { cancelRecord, orderRecord, orderSagaOf } from './support/records.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const statesOf = async (orderId: string): Promise<string[]> =>
  (await world.inboxOf(orderSagaOf(orderId))).map(({ type, state }) => `${type} ${state}`);
const CANCELLED = ['order.created started', 'order.cancel-requested signalled'];

test('a cancel at the place of an old one cancels its own order', { timeout: 180_000 }, async () => {
  const [first, second, third] = [anOrderId(), anOrderId(), anOrderId()];
  const ingest = await world.startIngest();
  await world.produce(...[first, second, third].map((id) => orderRecord(id)));
  await Promise.all([first, second, third].map((id) => world.started(orderSagaOf(id))));
  await world.produce(cancelRecord(first));
  await eventually(async () => expect(await statesOf(first)).toEqual(CANCELLED));
  await ingest.close();

  await deleteTopic(world.topic('order.cancel-requested'));
  await eventually(() => world.createDeadLetterTopics());
  await eventually(() => world.produce(cancelRecord(second), cancelRecord(third)));
  await world.startIngest();
  // The second one stands where the first life ended, and the committed offset still is.
  await eventually(async () => expect(await statesOf(third)).toEqual(CANCELLED));
  await eventually(async () => expect(await statesOf(second)).toEqual(CANCELLED));

  const cancels = await world.database.inboxEvent.findMany({
    where: { type: 'order.cancel-requested' },
    orderBy: [{ topicLife: 'asc' }, { offset: 'asc' }],
  });
  expect(cancels.map(({ eventId, topicLife }) => [eventId, topicLife])).toEqual([
    ['pos:order.cancel-requested/0/0', 1],
    ['pos:order.cancel-requested@2/0/0', 2],
    ['pos:order.cancel-requested@2/0/1', 2],
  ]);
  expect(await world.database.deadLetter.count()).toBe(0);
});

import pLimit from 'p-limit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDeadLetters } from '../../../gateways/kafka/dead-letter/create-dead-letters.ts';
import { createFollowUpDelivery } from '../../../gateways/kafka/ingest/deliver-follow-up.ts';
import { createChunkHandler } from '../../../gateways/kafka/ingest/handle-chunk.ts';
import { createBurial } from '../../../gateways/kafka/dead-letter/bury.ts';
import { createInboxSweeper } from '../../../gateways/kafka/inbox-sweeper.ts';
import { createBurialRule } from '../../../gateways/kafka/ingest/burial-rule.ts';
import { createGiveUp } from '../../../gateways/kafka/ingest/give-up.ts';
import { createTakeUpWaiting } from '../../../gateways/kafka/ingest/take-up-waiting.ts';
import { createReplaySeal } from '../../../gateways/kafka/replay/replay-seal.ts';
import { createSagaLookup } from '../../../gateways/temporal/saga-exists.ts';
import type { ConsumedRecord, RecordProducer } from '../../../gateways/kafka/port.ts';
import { createSagaSignaller } from '../../../gateways/temporal/signal-saga.ts';
import { createSagaStarter, type SagaStarter } from '../../../gateways/temporal/start-saga.ts';
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

const once = <T>(_operation: string, run: () => Promise<T>): Promise<T> => run();

/** Two consumers' work, interleaved by hand: `beforeStart` runs after the saga's row is committed, before its workflow. */
function aConsumer(beforeStart: () => Promise<void> = () => Promise.resolve()) {
  const { deps } = world;
  const start = createSagaStarter({ temporal: deps.temporal, taskQueue: world.prefix, settings: {} });
  const startSaga: SagaStarter = async (saga) => {
    await beforeStart();
    return start(saga);
  };
  const deliverFollowUp = createFollowUpDelivery({ ...deps, signalSaga: createSagaSignaller(deps.temporal.client) });
  const burial = createBurial({ ...deps, deadLetters: createDeadLetters(producer, deps.database) });
  const ways = { startSaga, deliverFollowUp, burial };
  const handleChunk = createChunkHandler({ ...deps, ...ways, seal: createReplaySeal('secret'), limit: pLimit(8) });
  return {
    handle: (records: ConsumedRecord[]) => handleChunk(records, once),
    aSweeper: (overdueMs: number) =>
      createInboxSweeper({
        ...{ ...deps, ...ways, overdueMs, parkedWindowMs: 60_000 },
        rule: createBurialRule(),
        takeUp: createTakeUpWaiting({ ...deps, ...ways }),
        giveUp: createGiveUp({ ...deps, ...ways, isStarted: createSagaLookup(deps.temporal.client) }),
      }),
  };
}

let offset = 0;
function consumed({ topic, key, value }: ReturnType<typeof orderRecord>, partition = 0): ConsumedRecord {
  const place = { partition, offset: String(offset++), timestamp: Date.now() };
  return { topic, key: Buffer.from(key), value: Buffer.from(value), headers: {}, ...place };
}

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
  const { handle, aSweeper } = aConsumer();
  await handle([consumed(orderRecord(orderId)), consumed(cancelRecord(orderId))]);
  await world.database.inboxEvent.updateMany({
    where: { workflowId, type: 'order.cancel-requested' },
    data: { state: 'parked' },
  });

  const sweeper = aSweeper(60_000);
  await Promise.all([sweeper.sweep(), sweeper.sweep()]);
  await sweeper.close();
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

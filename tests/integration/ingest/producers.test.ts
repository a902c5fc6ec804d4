import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder } from '../../support/orders.ts';
import { brokers, eventually } from '../../support/kafka.ts';
import { findKcat, kcatProduce } from '../../support/kcat.ts';
import { orderSagaOf } from './support/records.ts';
import { anOrderId, createWorld, type World } from './support/world.ts';

const kcat = await findKcat();
const missing = 'missing' in kcat ? ` (skipped: ${kcat.missing})` : '';

describe.skipIf(missing !== '')(`orders that kcat produces start their sagas${missing}`, () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    await world.startIngest();
  });
  afterAll(() => world.close());

  const started = (ids: readonly string[]): Promise<void> =>
    eventually(async () => {
      expect(await world.database.inboxEvent.count({ where: { key: { in: [...ids] }, state: 'started' } })).toBe(
        ids.length,
      );
    });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('in %s batches', async (codec) => {
    const ids = Array.from({ length: 20 }, anOrderId);
    const records = ids.map((orderId) => ({ key: orderId, value: JSON.stringify(anOrder({ orderId })) }));
    await kcatProduce({ brokers: brokers(), topic: world.topic('order.created'), codec, records });
    await started(ids);
  });

  test('without a key', async () => {
    const orderId = anOrderId();
    const records = [{ value: JSON.stringify(anOrder({ orderId })) }];
    await kcatProduce({ brokers: brokers(), topic: world.topic('order.created'), records });
    await started([orderId]);
  });

  test('as CloudEvents, in binary and in structured mode', async () => {
    const [binary, structured] = [anOrderId(), anOrderId()];
    const topic = world.topic('order.created');
    await kcatProduce({
      brokers: brokers(),
      topic,
      records: [{ key: binary, value: JSON.stringify(anOrder({ orderId: binary })) }],
      headers: { ce_specversion: '1.0', ce_type: 'order.created', ce_source: '/shop', ce_id: binary },
    });
    const data = anOrder({ orderId: structured });
    const event = { specversion: '1.0', type: 'order.created', source: '/shop', id: structured, data };
    await kcatProduce({
      brokers: brokers(),
      topic,
      records: [{ key: structured, value: JSON.stringify(event) }],
      headers: { 'content-type': 'application/cloudevents+json' },
    });
    await started([binary, structured]);
    expect(await world.inputOf(orderSagaOf(structured))).toMatchObject({ eventId: `ce:/shop:${structured}` });
  });
});

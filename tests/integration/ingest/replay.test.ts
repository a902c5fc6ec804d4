/** What a replay says beforehand is what ingest then does, and saying it changes nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rangesOf, parseFrom, InvalidPlace } from '../../../packages/sagaline/kafka/range.ts';
import { readRange } from '../../../packages/sagaline/kafka/read-range.ts';
import { createPreview, EFFECTIVE, type Preview } from '../../../packages/sagaline/replay/preview.ts';
import { replayOf } from '../../../packages/sagaline/replay/replay-records.ts';
import { loadReplaySeal, type ReplaySeal } from '../../../packages/sagaline/replay/replay-seal.ts';
import { eventually } from '../../support/kafka.ts';
import { activityRecord, cancelRecord, orderRecord, orderSagaOf } from './support/records.ts';
import { anOrderId, createWorld, routes, type World } from './support/world.ts';
import { catalogue } from '../../support/reference.ts';

let world: World;
let seal: ReplaySeal;
beforeAll(async () => {
  world = await createWorld();
  seal = await loadReplaySeal(world.database);
});
afterAll(() => world.close());

async function previewOf(topic: string, from = 'beginning'): Promise<Preview[]> {
  const preview = createPreview(world.database, { catalogue, routes }, seal);
  const seen: Preview[] = [];
  const ranges = await rangesOf(world.kafka, topic, parseFrom(from));
  await readRange({
    ...{ kafka: world.kafka, topic, ranges },
    handle: async (records) => void seen.push(...(await preview(records))),
  });
  return seen;
}

const fates = (previews: readonly Preview[]) => previews.map(({ fate }) => fate);

describe('a replay', () => {
  const [known, fresh] = [anOrderId(), anOrderId()];

  test('says of each record whether it starts a saga, signals one, is a duplicate, or worse, and writes nothing', async () => {
    const ingest = await world.startIngest();
    await world.produce(orderRecord(known));
    await world.started(orderSagaOf(known));
    await eventually(async () => expect(await world.inboxOf(orderSagaOf(known))).toMatchObject([{ state: 'started' }]));
    await ingest.close();
    const other = orderRecord(known, { amount: 1 });
    await world.produce(orderRecord(fresh), orderRecord(fresh), other, { value: 'no JSON' });
    await world.produce(cancelRecord(known), cancelRecord(fresh), activityRecord('u-nobody'));

    expect(fates(await previewOf('order.created'))).toEqual(['duplicate', 'start', 'duplicate', 'conflict', 'invalid']);
    expect(fates(await previewOf('order.created', '1'))).toEqual(['start', 'duplicate', 'conflict', 'invalid']);
    expect(fates(await previewOf('order.cancel-requested'))).toEqual(['signal', 'park']);
    expect(fates(await previewOf('user.activity'))).toEqual(['ignored']);
    expect(await world.database.inboxEvent.count()).toBe(1);
    expect(await world.database.saga.count()).toBe(1);
  });

  test('and that is what becomes of them', async () => {
    await world.startIngest();
    await world.started(orderSagaOf(fresh));
    await eventually(async () => {
      const states = await world.database.inboxEvent.findMany({ select: { type: true, state: true } });
      expect(states.map(({ type, state }) => `${type} ${state}`).sort()).toEqual([
        'order.cancel-requested signalled',
        'order.cancel-requested signalled',
        'order.created started',
        'order.created started',
      ]);
    });
    expect(await world.database.deadLetter.count()).toBe(2);
    expect(fates(await previewOf('order.created'))).not.toContain('start');
    expect(fates(await previewOf('order.cancel-requested'))).toEqual(['duplicate', 'duplicate']);
  });

  test('keeps the id of a record that has none of its own: produced once more, it is a duplicate', async () => {
    const previews = await previewOf('order.cancel-requested');
    await world.produce(...previews.map(({ record }) => replayOf(record, seal)));
    const again = await previewOf('order.cancel-requested', String(previews.length));
    expect(again.map(({ fate, eventId }) => ({ fate, eventId }))).toEqual(
      previews.map(({ eventId }) => ({ fate: 'duplicate', eventId })),
    );
    expect(again.some(({ fate }) => EFFECTIVE.has(fate))).toBe(false);
  });

  test('is not believed of a record that nobody sealed: it is a cancel of its own, and the honest one keeps its place', async () => {
    const [claimed] = await previewOf('order.cancel-requested');
    const { partition, offset } = (claimed as Preview).record;
    const forged = { ...cancelRecord(anOrderId()), headers: { 'sagaline-replay-of': `x/${partition}/${offset}` } };
    const stolen = { ...forged, headers: replayOf((claimed as Preview).record, seal).headers };
    const before = (await previewOf('order.cancel-requested')).length;
    await world.produce(forged, stolen);
    const previews = await previewOf('order.cancel-requested', String(before));
    expect(previews).toHaveLength(2);
    expect(fates(previews)).not.toContain('conflict');
    expect(previews.map(({ eventId }) => eventId)).toEqual(
      previews.map(({ record }) => `pos:order.cancel-requested/${record.partition}/${record.offset}`),
    );
  });

  test('takes an offset or a time, and nothing else', () => {
    expect(parseFrom('4711')).toEqual({ kind: 'offset', offset: 4711n });
    expect(parseFrom('2026-01-31T12:00:00Z')).toEqual({ kind: 'time', timeMs: Date.UTC(2026, 0, 31, 12) });
    for (const text of ['yesterday', '-1', '2026-99-99', '']) expect(() => parseFrom(text)).toThrow(InvalidPlace);
  });
});

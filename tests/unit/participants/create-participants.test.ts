import { expect, test } from 'vitest';
import { createParticipants } from '../../../packages/sagaline/participants/create-participants.ts';
import { localParticipant, remoteParticipant, type BarrierTimes } from '../../../packages/sagaline/node.ts';
import type { AnyParticipant } from '../../../packages/sagaline/participants/participant.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { catalogue } from '../../support/reference.ts';

/** Never connected. */
const database = createDatabase({ url: 'postgresql://127.0.0.1:9/none', poolSize: 1, acquireTimeoutMs: 1 });

const create = <Participants extends readonly AnyParticipant[]>(participants: Participants, envOf = () => ({})) =>
  createParticipants({ participants, envOf, database, catalogue, failpoint: () => undefined });

test('methods become activities, which the kernel’s own join; the environment is the participant’s own', async () => {
  const stock = remoteParticipant('stock', {
    create: ({ env }) => ({ where: () => Promise.resolve(env) }),
  });
  const { activities } = create([stock], () => ({ STOCK_URL: 'http://stock' }));
  expect(Object.keys(activities)).toEqual(expect.arrayContaining(['stock.where', 'outcome.complete']));
  expect(await activities['stock.where']()).toEqual({ STOCK_URL: 'http://stock' });
});

test('what participants opened is closed, and their work in the background is handed on', async () => {
  const closed: string[] = [];
  const work = { name: 'stock taker', everyMs: 1_000, run: () => Promise.resolve() };
  const stock = remoteParticipant('stock', {
    create({ onClose, inBackground }) {
      onClose(() => void closed.push('one'));
      onClose(async () => {
        await Promise.resolve();
        closed.push('two');
      });
      inBackground(work);
      return {};
    },
  });
  const set = create([stock]);
  expect(set.background).toEqual([work]);
  await set.close();
  expect(closed).toEqual(['one', 'two']);
});

test('a barrier has its work in the background, a name of its own, and a time that an attempt has', () => {
  const nothing = {
    do: () => Promise.resolve({ id: 'b-1' }),
    find: () => Promise.resolve(undefined),
    undo: () => Promise.resolve(),
  };
  const withBarriers = (...calls: readonly (readonly [name: string, times?: BarrierTimes])[]) =>
    create([
      remoteParticipant('hotel', {
        create({ barrier }) {
          for (const [name, times] of calls) barrier(name, { ...nothing, ...times });
          return {};
        },
      }),
    ]);
  const { background } = withBarriers(['booking'], ['breakfast', { timeoutMs: 6_000, sweepEveryMs: 9 }]);
  expect(background).toMatchObject([
    { name: 'hotel.booking sweeper', everyMs: 5_000 },
    { name: 'hotel.breakfast sweeper', everyMs: 9 },
  ]);
  expect(() => withBarriers(['booking'], ['booking'])).toThrow(/hotel\.booking: two barriers have this name/);
  for (const name of ['', 'a room', 'a.b', 'Booking']) expect(() => withBarriers([name])).toThrow(TypeError);
  expect(() => create([localParticipant('counts', { create: ({ barrier }) => barrier('fact', nothing) })])).toThrow(
    /counts\.fact: a local participant's own statement is its barrier/,
  );
  for (const timeoutMs of [0, -1, NaN, 6_001]) {
    expect(() => withBarriers(['booking', { timeoutMs }])).toThrow(/hotel\.booking: timeoutMs/);
  }
});

test('a name that is taken, or none, is refused', () => {
  const none = { create: () => ({}) };
  expect(() => create([remoteParticipant('stock', none), localParticipant('stock', none)])).toThrow(/are called stock/);
  for (const name of ['', 'gift-card', 'Stock', 'a.b']) expect(() => remoteParticipant(name, none)).toThrow(TypeError);
  expect(() => localParticipant('outcome', none)).toThrow(/the kernel's own/);
});

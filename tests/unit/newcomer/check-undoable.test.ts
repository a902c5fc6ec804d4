import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { remoteParticipant, type Undoable } from '../../../packages/sagaline/node.ts';
import { startPracticeFarEnd, type PracticeFarEnd } from '../../../packages/sagaline/bin/dev/far-end.ts';
import { checkUndoable, NotUndoable } from '../../../packages/sagaline/testing/check-undoable.ts';

let farEnd: PracticeFarEnd;
beforeAll(async () => {
  farEnd = await startPracticeFarEnd();
});
afterAll(() => farEnd.close());

type Room = Undoable<{ nights: number }, { room: string }>;

/** A right one, but for what a test breaks. */
const hotelWith = (broken: (right: Room) => Partial<Room>) =>
  remoteParticipant('hotel', {
    env: { HOTEL_URL: z.url() },
    create({ env, barrier }) {
      const at = (key: string) => `${env.HOTEL_URL}/rooms/${encodeURIComponent(key)}`;
      const right: Room = {
        async do(input, { key, http }) {
          await http.put(at(key), input);
          return { room: key };
        },
        async find({ key, http }) {
          const { status } = await http.get(at(key), { answers: [404] });
          return status === 200 ? { room: key } : undefined;
        },
        async undo({ room }, { http }) {
          await http.delete(at(room));
        },
      };
      const { act, undo } = barrier('room', { ...right, ...broken(right) });
      return { act, undo };
    },
  });

const check = (broken: (right: Room) => Partial<Room>, call = 'room') =>
  checkUndoable(hotelWith(broken), { env: { HOTEL_URL: farEnd.url }, call, input: { nights: 2 } });

test('a far end that takes a key once, and can be asked about it, will do', async () => {
  await check(() => ({}));
});

test.each<[string, (right: Room) => Partial<Room>]>([
  ['before it was', () => ({ find: () => Promise.resolve({ room: 'any' }) })],
  ['was it done twice', () => ({ do: () => Promise.resolve({ room: crypto.randomUUID() }) })],
  ['does not say what do said', () => ({ find: () => Promise.resolve(undefined) })],
  ['still done after undo', () => ({ undo: () => Promise.resolve() })],
])('one that breaks the law "%s" is told', async (law, broken) => {
  const failure: unknown = await check(broken).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NotUndoable);
  expect(String(failure)).toContain(`hotel.room: `);
  expect(String(failure)).toContain(law);
});

test('names the barriers that there are', async () => {
  await expect(check(() => ({}), 'suite')).rejects.toThrow('hotel has no barrier suite; it has room');
});

import { expect, test } from 'vitest';
import { Problem } from '../../../packages/sagaline/http/problem.ts';
import { createTurns } from '../../../packages/sagaline/http/turns.ts';

/** Work that ends when it is told to. */
function work() {
  const started: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    started,
    end: (name: number) => ends.get(name)?.(),
    of: (name: number) => () => {
      started.push(name);
      return new Promise<number>((resolve) => ends.set(name, () => resolve(name)));
    },
  };
}
const settle = () => new Promise(setImmediate);

test('so many at once, the others in order, each when one has ended', async () => {
  const turns = createTurns({ atOnce: 2, waiting: 10, waitMs: 60_000 });
  const { of, started, end } = work();
  const all = [1, 2, 3, 4].map((name) => turns.take(of(name)));
  await settle();
  expect(started).toEqual([1, 2]);
  end(2);
  await settle();
  expect(started).toEqual([1, 2, 3]);
  end(1);
  await settle();
  // Whoever comes now waits behind those who do.
  const late = turns.take(of(5));
  await settle();
  expect(started).toEqual([1, 2, 3, 4]);
  for (const name of [3, 4]) end(name);
  await settle();
  end(5);
  expect(await Promise.all([...all, late])).toEqual([1, 2, 3, 4, 5]);
});

test('too many that wait are refused at once; one that waits too long is told to come back; failures pass the turn on', async () => {
  const turns = createTurns({ atOnce: 1, waiting: 1, waitMs: 20 });
  const { of, end } = work();
  const first = turns.take(of(1));
  const second = turns.take(of(2)).catch((error: unknown) => error);
  const third = await turns.take(of(3)).catch((error: unknown) => error);
  expect(third).toMatchObject({ problem: 'too-many-requests', headers: { 'Retry-After': '1' } });
  expect(await second).toMatchObject({ problem: 'unavailable', headers: { 'Retry-After': '2' } });
  end(1);
  await first;
  await expect(turns.take(() => Promise.reject(new Problem('not-found', 'x')))).rejects.toThrow('x');
  expect(await turns.take(() => Promise.resolve('free'))).toBe('free');
});

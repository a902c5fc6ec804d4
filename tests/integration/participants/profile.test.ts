import { applicationTables } from '../../../prisma/application.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf, fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

function aProfile() {
  const userId = fresh('u');
  const key = `signupSaga:${userId}:profile`;
  return {
    user: { userId, email: 'grace@customer.example', name: '그레이스', locale: 'ko-KR', key },
    undo: { userId, actionKey: key },
  };
}

const stored = (userId: string) => applicationTables(bench.database).profile.findUnique({ where: { userId } });

test('makes one profile, whatever the number of attempts', async () => {
  const { user } = aProfile();
  const { 'profile.create': create } = bench.participants();
  const answers = await Promise.all([create(user), create(user), create(user)]);
  expect(new Set(answers.map(({ profileId }) => profileId)).size).toBe(1);
  expect(await stored(user.userId)).toMatchObject({ name: '그레이스', locale: 'ko-KR', removedAt: null });
});

test('removal takes the personal data with it, and a late creation is refused', async () => {
  const { user, undo } = aProfile();
  const { 'profile.create': create, 'profile.remove': remove } = bench.participants();
  await create(user);
  expect(await remove(undo)).toEqual({ removed: true });
  expect(await remove(undo)).toEqual({ removed: true });
  const row = await stored(user.userId);
  expect(row).toMatchObject({ email: null, name: null, locale: null });
  expect(row?.removedAt).toBeInstanceOf(Date);
  expect(await failureOf(create(user))).toMatchObject({ type: 'ActionUndone', final: true });
});

test('removal before the creation leaves a tombstone', async () => {
  const { user, undo } = aProfile();
  const { 'profile.create': create, 'profile.remove': remove } = bench.participants();
  expect(await remove(undo)).toEqual({ removed: false });
  expect(await failureOf(create(user))).toMatchObject({ type: 'ActionUndone', final: true });
});

test('a profile that another action made is neither taken over nor removed', async () => {
  const { user, undo } = aProfile();
  const { 'profile.create': create, 'profile.remove': remove } = bench.participants();
  await create(user);
  expect(await failureOf(create({ ...user, key: 'other' }))).toMatchObject({ type: 'ProfileExists', final: true });
  expect(await remove({ ...undo, actionKey: 'other' })).toEqual({ removed: false });
  expect(await stored(user.userId)).toMatchObject({ name: '그레이스', removedAt: null });
});

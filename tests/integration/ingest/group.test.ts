import { expect, test } from 'vitest';
import { createRoutes } from '../../../packages/sagaline/dispatch/dispatch.ts';
import { createWorld, routes } from './support/world.ts';

test('a second process of the group that has other sagas is refused at start, and the first one goes on', async () => {
  const world = await createWorld();
  try {
    const ingest = await world.startIngest();
    await world.until(() => ingest.isReady());
    const fewer = createRoutes(routes.sagas.filter(({ name }) => name === 'orderSaga'));
    await expect(world.startIngest({ routes: fewer })).rejects.toThrow(/user\.activity/);
    expect(ingest.isReady()).toBe(true);
  } finally {
    await world.close();
  }
});

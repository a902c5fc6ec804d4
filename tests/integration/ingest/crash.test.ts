import { expect, test } from 'vitest';
import { eventually } from '../../support/kafka.ts';
import { orderRecord, orderSagaOf } from './support/records.ts';
import { anOrderId, createWorld } from './support/world.ts';

/** Where the process dies, what it leaves behind, and whether the workflow runs already. */
test.each([
  ['between inbox and start', 'ingest.after-inbox', false],
  ['between start and commit', 'ingest.after-start', true],
] as const)('a consumer that dies %s loses nothing and starts nothing twice', async (_name, failpoint, isStarted) => {
  const world = await createWorld();
  try {
    const orderId = anOrderId();
    const workflowId = orderSagaOf(orderId);
    await world.produce(orderRecord(orderId));
    expect(await world.ingestDiesAt(failpoint)).toBe('SIGKILL');

    expect(await world.inboxOf(workflowId)).toMatchObject([{ state: 'received' }]);
    expect(await world.committedOffset('order.created')).toBeLessThanOrEqual(0);
    const first = await world.temporal.client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => undefined);
    expect(first !== undefined).toBe(isStarted);

    const ingest = await world.startIngest();
    await eventually(async () => expect(await world.inboxOf(workflowId)).toMatchObject([{ state: 'started' }]));
    const { runId } = await world.started(workflowId);
    if (first) expect(runId).toBe(first.runId);
    await ingest.close();
    expect(await world.committedOffset('order.created')).toBe(1);
    expect(await world.database.saga.count()).toBe(1);
  } finally {
    await world.close();
  }
});

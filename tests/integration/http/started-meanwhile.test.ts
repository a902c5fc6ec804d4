/** A saga that is started between two looks at it: it was not there when Temporal was asked, and is not lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApp } from '../../../packages/sagaline/http/app.ts';
import { SagaGone, type Inspection } from '../../../packages/sagaline/http/ports.ts';
import { createApi, sagaRow, type Api } from './support/api.ts';

let api: Api;
beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

/** An event that was accepted, and its saga's row: the workflow is yet to start. */
async function accepted(
  sagaId: string,
): Promise<{ readonly workflowId: string; readonly starts: () => Promise<void> }> {
  const { workflowId, eventId, payloadHash, topic, partition, offset } = sagaRow(sagaId);
  await api.database.saga.create({ data: sagaRow(sagaId) });
  const event = { eventId, payloadHash, topic, partition, offset, workflowId };
  await api.database.inboxEvent.create({
    data: { ...event, sagaName: 'orderSaga', type: 'order.created', state: 'received' },
  });
  return {
    workflowId,
    starts: async () => {
      await api.database.inboxEvent.updateMany({ where: { eventId }, data: { state: 'started' } });
    },
  };
}

/** The API on a Temporal that is asked in the moment before the start, and answers after it. */
const appWhere = (starts: () => Promise<void>) =>
  createHttpApp({
    ...api.deps,
    workflows: {
      ...api.deps.workflows,
      async inspect(): Promise<Inspection> {
        await starts();
        return { known: 'forgotten' };
      },
      resolveParked: () => Promise.reject(new SagaGone('not found')),
    },
  });

describe('a saga that starts while it is looked at', () => {
  test('is running', async () => {
    const { workflowId, starts } = await accepted('m-1');
    const response = await appWhere(starts).request(`/v1/sagas/${workflowId}`);
    expect(await response.json()).toMatchObject({ state: 'running', temporal: { known: 'forgotten' } });
  });

  test('has nothing yet that an operator could resolve, and is asked again', async () => {
    const { workflowId, starts } = await accepted('m-2');
    const response = await appWhere(starts).request(`/v1/sagas/${workflowId}/parked/payment/retry`, {
      method: 'POST',
      body: JSON.stringify({ by: 'ada' }),
      headers: { 'Content-Type': 'application/json' },
    });
    expect(response.status).toBe(503);
  });

  test('is lost when it had been started before', async () => {
    const { workflowId, starts } = await accepted('m-3');
    await starts();
    const response = await appWhere(starts).request(`/v1/sagas/${workflowId}`);
    expect(await response.json()).toMatchObject({ state: 'lost', trouble: { reason: 'DELETED', rowState: 'running' } });
  });
});

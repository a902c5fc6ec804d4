import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttpApp } from '../../../packages/sagaline/http/app.ts';
import { createSagaWorkflows } from '../../../packages/sagaline/http/sagas/temporal/saga-workflows.ts';
import type { Journey } from '../../../packages/sagaline/contracts/saga.ts';
import { createApi, sagaRow, type Api } from './support/api.ts';

interface Page {
  items: { id: string; sagaId: string; state: string; parked: string[] }[];
  nextCursor?: string;
}

let api: Api;
beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

describe('GET /v1/sagas', () => {
  beforeEach(async () => {
    await api.database.saga.deleteMany();
    // Three share a millisecond: the page must neither lose nor repeat one of them.
    const sagas = [
      { second: 1, state: 'completed' },
      { second: 2, state: 'running' },
      { second: 2, state: 'rollingBack', parked: ['payment'] },
      { second: 2, state: 'running' },
      { second: 3, state: 'rejected' },
    ];
    await api.database.saga.createMany({
      data: sagas.map(({ second, ...saga }, at) =>
        sagaRow(`l-${at}`, { ...saga, createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)) }),
      ),
    });
  });

  const list = async (query: string) => (await (await api.get(`/v1/sagas?${query}`)).json()) as Page;

  test('gives all of them, newest first, page by page', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { items, nextCursor } = await list(`limit=2${cursor}`);
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map(({ sagaId }) => sagaId));
      cursor = nextCursor === undefined ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(['l-4', 'l-3', 'l-2', 'l-1', 'l-0']);
  });

  test('by state, by name, and those that are parked', async () => {
    expect((await list('state=running')).items.map(({ sagaId }) => sagaId)).toEqual(['l-3', 'l-1']);
    expect((await list('state=parked')).items).toMatchObject([
      { sagaId: 'l-2', state: 'rollingBack', parked: ['payment'] },
    ]);
    expect((await list('name=signupSaga')).items).toEqual([]);
  });

  test.each(["' OR 1=1 --", '"; DROP TABLE sagas; --', '{"not":""}', '\u0000'])(
    'takes %j for a name (failure mode 63)',
    async (name) => {
      const response = await api.get(`/v1/sagas?name=${encodeURIComponent(name)}`);
      expect([200, 400]).toContain(response.status);
      if (response.status === 200) expect(((await response.json()) as Page).items).toEqual([]);
      expect(await api.database.saga.count()).toBe(5);
    },
  );

  test('is what the gauges count', async () => {
    const metrics = await (await api.get('/metrics')).text();
    expect(metrics).toContain('sagaline_sagas_open{saga="orderSaga",state="running"} 2');
    expect(metrics).toContain('sagaline_sagas_parked{saga="orderSaga"} 1');
  });
});

describe('GET /v1/sagas/:id', () => {
  const journey: Journey = {
    state: 'completed',
    parked: [],
    steps: [{ name: 'payment', kind: 'compensatable', state: 'done', startedAt: '2026-01-01T00:00:00.000Z' }],
  };

  test('of a saga that Temporal has forgotten is told from the database, and says so', async () => {
    const sagaId = randomUUID();
    const closedAt = new Date();
    const data = sagaRow(sagaId, {
      state: 'completed',
      closedAt,
      journey: JSON.parse(JSON.stringify(journey)) as object,
    });
    await api.database.saga.create({ data });
    await api.database.$queryRaw`
      SELECT sagaline_engine.append_outbox(${`${sagaId}:outcome`}, 'order.completed', 'order.completed', ${sagaId}, '{}'::jsonb, null, ${`orderSaga:${sagaId}`})`;
    const response = await api.get(`/v1/sagas/orderSaga%3A${sagaId}`);
    expect(await response.json()).toMatchObject({
      id: `orderSaga:${sagaId}`,
      state: 'completed',
      closedAt: closedAt.toISOString(),
      source: { topic: 'order.created', partition: 1, offset: '42', eventId: `key:order.created:${sagaId}` },
      steps: [{ name: 'payment', state: 'done', attempts: 0, activities: [] }],
      stepsFrom: 'stored',
      emitted: [{ eventId: `${sagaId}:outcome`, type: 'order.completed', topic: 'order.completed', key: sagaId }],
      temporal: { known: 'forgotten', url: `${api.uiUrl}/namespaces/default/workflows/orderSaga%3A${sagaId}` },
    });
  });

  test('while Temporal is away answers in bounded time with what there is', async () => {
    const sagaId = randomUUID();
    await api.database.saga.create({ data: sagaRow(sagaId) });
    const connection = Connection.lazy({ address: '127.0.0.1:9' });
    const workflows = createSagaWorkflows(new Client({ connection }), { timeoutMs: 500 });
    const app = createHttpApp({ ...api.deps, workflows });
    const response = await app.request(`/v1/sagas/orderSaga%3A${sagaId}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      state: 'running',
      steps: [],
      stepsFrom: 'nowhere',
      temporal: { known: 'unreachable' },
    });

    const cancel = await app.request(`/v1/sagas/orderSaga%3A${sagaId}/cancel`, {
      method: 'POST',
      body: '{"reason":"changed my mind"}',
      headers: { 'Content-Type': 'application/json' },
    });
    expect(cancel.status).toBe(503);
    await connection.close();
  });

  test('of nobody is 404', async () => {
    expect((await api.get('/v1/sagas/orderSaga%3Anobody')).status).toBe(404);
  });
});

describe('POST /v1/sagas/:id/cancel', () => {
  const cancel = (sagaId: string, body: unknown = { reason: 'changed my mind' }) =>
    api.post(`/v1/sagas/orderSaga%3A${sagaId}/cancel`, body);

  test('is 404 for a saga that nobody knows, and 422 without a reason', async () => {
    expect((await cancel(randomUUID())).status).toBe(404);
    expect((await cancel(randomUUID(), {})).status).toBe(422);
    expect((await cancel(randomUUID(), { reason: 'x', force: true })).status).toBe(422);
  });

  test('is 409 for one that is over', async () => {
    const sagaId = randomUUID();
    await api.database.saga.create({ data: sagaRow(sagaId, { state: 'rejected', closedAt: new Date() }) });
    const response = await cancel(sagaId);
    expect([response.status, await response.json()]).toMatchObject([409, { type: 'urn:sagaline:problem:saga-over' }]);
  });

  test('is 503 for one whose start is still on its way', async () => {
    const sagaId = randomUUID();
    const { eventId, name: sagaName, workflowId, payloadHash, topic, partition, offset } = sagaRow(sagaId);
    await api.database.saga.create({ data: sagaRow(sagaId) });
    await api.database.inboxEvent.create({
      data: { eventId, sagaName, workflowId, payloadHash, topic, partition, offset, type: topic, state: 'received' },
    });
    expect((await cancel(sagaId)).status).toBe(503);
  });
});

describe('GET /v1/dead-letters', () => {
  test('browses without bytes, and shows them one by one', async () => {
    const letter = {
      partition: 0,
      key: null,
      headers: {},
      path: 'amount',
      message: 'must be positive',
      recordTime: new Date(),
    };
    await api.database.deadLetter.createMany({
      data: [
        {
          ...letter,
          topic: 'order.created',
          offset: 1n,
          reason: 'invalid-payload',
          value: Buffer.from('{"amount":-1}'),
        },
        { ...letter, topic: 'order.created', offset: 2n, reason: 'invalid-utf8', value: Buffer.from([0xff, 0xfe]) },
        { ...letter, topic: 'user.created', offset: 3n, reason: 'tombstone', value: null },
      ],
    });
    type Letters = { items: { id: string; href: string; reason: string; value?: unknown }[]; nextCursor?: string };
    const first = (await (await api.get('/v1/dead-letters?limit=2')).json()) as Letters;
    const second = (await (await api.get(`/v1/dead-letters?limit=2&cursor=${first.nextCursor}`)).json()) as Letters;
    const all = [...first.items, ...second.items];
    expect(all.map(({ reason }) => reason)).toEqual(['tombstone', 'invalid-utf8', 'invalid-payload']);
    expect([second.nextCursor, all.some((item) => 'value' in item)]).toEqual([undefined, false]);
    const values = await Promise.all(
      all.map(async ({ href }) => ((await (await api.get(href)).json()) as { value?: object }).value),
    );
    expect(values).toEqual([
      undefined,
      { encoding: 'base64', data: '//4=' },
      { encoding: 'utf8', data: '{"amount":-1}' },
    ]);
    const filtered = (await (await api.get('/v1/dead-letters?topic=user.created&reason=tombstone')).json()) as Letters;
    expect(filtered.items).toHaveLength(1);
  });

  test.each(['0', '99999999999999999999', '-1', '1e3'])('%s is 404', async (id) => {
    expect((await api.get(`/v1/dead-letters/${id}`)).status).toBe(404);
  });
});

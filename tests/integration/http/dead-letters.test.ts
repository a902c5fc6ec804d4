/** What an operator does with dead letters: finds them by key or saga, has them produced once more, or says why not. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPLAY_OF } from '../../../packages/sagaline/events/record-headers.ts';
import { collect, eventually, textOf, type Collector } from '../../support/kafka.ts';
import { createApi, sagaRow, type Api } from './support/api.ts';

let api: Api;
let kafka: Collector;
let offset = 0n;

beforeAll(async () => {
  api = await createApi();
  kafka = await collect(api.kafka, 'order.created');
});
afterAll(async () => {
  await kafka.close();
  await api.close();
});

async function letter(
  key: string,
  own: { topic?: string; value?: string; headers?: Record<string, string[]> } = {},
): Promise<string> {
  const { topic = 'order.created', value = '{"amount":-1}' } = own;
  const { headers = { ce_id: ['e-1'], ce_source: ['/shop'] } } = own;
  const { id } = await api.database.deadLetter.create({
    data: {
      ...{ topic, partition: 0, offset: offset++, key: Buffer.from(key), value: Buffer.from(value) },
      ...{ headers, reason: 'invalid-payload', path: 'amount', message: 'must be positive' },
      recordTime: new Date(),
    },
  });
  return String(id);
}

interface Letter {
  readonly id: string;
  readonly state: string;
  readonly decidedBy?: string;
  readonly decisionReason?: string;
}
const list = async (query: string) =>
  ((await (await api.get(`/v1/dead-letters?${query}`)).json()) as { items: Letter[] }).items;
const anId = () => `o-${randomUUID()}`;
const copiesOf = (key: string) => kafka.records.filter((record) => textOf(record.key) === key);

test('by key, and by what was decided', async () => {
  const [key, other] = [anId(), anId()];
  const ids = [await letter(key), await letter(key, { topic: 'order.cancel-requested' })];
  await letter(other);
  expect((await list(`key=${key}`)).map(({ id }) => id)).toEqual(ids.toReversed());
  await api.post(`/v1/dead-letters/${ids[0] ?? ''}/dismiss`, { by: 'mina', reason: 'a test order' });
  expect((await list(`key=${key}&state=open`)).map(({ id }) => id)).toEqual([ids[1]]);
  expect(await list(`key=${key}&state=dismissed`)).toMatchObject([
    { decidedBy: 'mina', decisionReason: 'a test order' },
  ]);
});

describe('GET /v1/sagas/:id', () => {
  test('of an order whose event is a dead letter says so, and where it is', async () => {
    const orderId = anId();
    const id = await letter(orderId);
    const response = await api.get(`/v1/sagas/orderSaga:${orderId}`);
    expect([response.status, await response.json()]).toMatchObject([
      404,
      {
        type: 'urn:sagaline:problem:not-found',
        detail: expect.stringContaining('order.created') as string,
        deadLetters: [{ id, href: `/v1/dead-letters/${id}`, reason: 'invalid-payload', state: 'open' }],
      },
    ]);
    expect((await api.get(`/v1/sagas/signupSaga:${orderId}`)).status).toBe(404);
    expect(await (await api.get(`/v1/sagas/signupSaga:${orderId}`)).json()).not.toHaveProperty('deadLetters');
  });

  test('of one that runs lists those among its events', async () => {
    const orderId = anId();
    await api.database.saga.create({ data: sagaRow(orderId) });
    const id = await letter(orderId, { topic: 'order.cancel-requested' });
    const detail = (await (await api.get(`/v1/sagas/orderSaga:${orderId}`)).json()) as { deadLetters: Letter[] };
    expect(detail.deadLetters).toMatchObject([{ id, state: 'open' }]);
  });
});

describe('redrive', () => {
  test('that ends in a new letter: it points to the first', async () => {
    const key = anId();
    const first = await letter(key);
    const { offset: at } = await api.database.deadLetter.findUniqueOrThrow({ where: { id: BigInt(first) } });
    const second = await letter(key, { headers: { [REPLAY_OF]: [`order.created/0/${at}`] } });
    const forged = await letter(anId(), { headers: { [REPLAY_OF]: [`order.created/0/${at}`] } });
    const redriveOf = async (id: string) =>
      ((await (await api.get(`/v1/dead-letters/${id}`)).json()) as { redriveOf?: object }).redriveOf;
    expect(await redriveOf(second)).toEqual({ id: first, href: `/v1/dead-letters/${first}` });
    expect([await redriveOf(first), await redriveOf(forged)]).toEqual([undefined, undefined]);
  });

  test('produces the record as it was, once, however often and by however many it is asked for', async () => {
    const key = anId();
    const id = await letter(key, { value: '{"was":"refused"}' });
    const clicks = ['ann', 'bob', 'ann', 'bob', 'ann'].map((by) => api.post(`/v1/dead-letters/${id}/redrive`, { by }));
    const answers = await Promise.all(clicks);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ id, state: 'redriven' });
    await eventually(() => expect(copiesOf(key)).toHaveLength(1));
    const [record] = copiesOf(key);
    expect(textOf(record?.value ?? null)).toBe('{"was":"refused"}');
    expect(record?.headers).toMatchObject({ ce_id: Buffer.from('e-1'), ce_source: Buffer.from('/shop') });
    expect(record?.headers[REPLAY_OF]).toBeDefined();
    // One that comes after it: had there been a second copy, it would have arrived before.
    const last = await letter(key, { value: '{"is":"last"}' });
    await api.post(`/v1/dead-letters/${last}/redrive`, { by: 'ann' });
    await eventually(() => expect(copiesOf(key)).toHaveLength(2));
  });

  test('of one that was dismissed is 409, and the other way round; nobody decides without a name', async () => {
    const [first, second] = [await letter(anId()), await letter(anId())];
    await api.post(`/v1/dead-letters/${first}/dismiss`, { by: 'ann', reason: 'sent again' });
    const redriven = await api.post(`/v1/dead-letters/${first}/redrive`, { by: 'bob' });
    expect([redriven.status, await redriven.json()]).toMatchObject([
      409,
      { type: 'urn:sagaline:problem:decided-otherwise' },
    ]);
    await api.post(`/v1/dead-letters/${second}/redrive`, { by: 'ann' });
    expect((await api.post(`/v1/dead-letters/${second}/dismiss`, { by: 'bob', reason: 'x' })).status).toBe(409);
    expect((await api.post(`/v1/dead-letters/${second}/redrive`, {})).status).toBe(422);
    expect((await api.post(`/v1/dead-letters/${second}/dismiss`, { by: 'bob' })).status).toBe(422);
  });

  test.each(['0', '99999999999999999999', '-1', 'x'])('of %s is 404', async (id) => {
    expect((await api.post(`/v1/dead-letters/${id}/redrive`, { by: 'ann' })).status).toBe(404);
  });
});

test('a large value is shown in part, and says how large it is', async () => {
  const id = await letter(anId(), { value: '결'.repeat(1_000_000) });
  const detail = (await (await api.get(`/v1/dead-letters/${id}`)).json()) as {
    value: { encoding: string; data: string; bytes: number };
  };
  expect(detail.value).toMatchObject({ encoding: 'utf8', bytes: 3_000_000 });
  expect(detail.value.data).toMatch(/^결+$/);
  expect(Buffer.byteLength(detail.value.data)).toBeLessThanOrEqual(512 * 1024);
});

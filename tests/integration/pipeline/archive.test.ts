/** The event store: everything is in it, with where it came from, and is found by key, type and time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAYS_AT_ONCE, partitionedDays, strayDays } from '../../../packages/sagaline/pipeline/archive/partitions.ts';
import { daysAfter } from '../../../packages/sagaline/pipeline/archive/day.ts';
import { createRoutes } from '../../../packages/sagaline/dispatch/dispatch.ts';
import { collect, eventually } from '../../support/kafka.ts';
import { FOREIGN_TOPIC, createArchiveWorld, type ArchiveWorld, type RawRecord } from './support/archive-world.ts';

let world: ArchiveWorld;
let sent = 0;

beforeAll(async () => {
  world = await createArchiveWorld();
});
afterAll(() => world.close());

async function send(...records: readonly RawRecord[]): Promise<void> {
  sent += records.length;
  await world.send(...records);
}

const recorded = () => world.applied(world.projection, sent);

const activity = (userId: string, at: string, more: Partial<RawRecord> = {}): RawRecord => ({
  ...{ topic: 'user.activity', key: userId, value: JSON.stringify({ userId, action: 'viewed' }), at },
  ...more,
});

interface Page {
  readonly items: { topic: string; partition: number; offset: string; key?: string; recordTime: string }[];
  readonly nextCursor?: string;
}

async function get(query: string): Promise<Page> {
  const response = await world.app.request(`/v1/events?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}

/** Every page, one after the other. */
async function getAll(query: string): Promise<Page['items']> {
  const items: Page['items'] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: Page = await get(`${query}${cursor && `&cursor=${cursor}`}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

const placeOf = ({ topic, partition, offset }: Page['items'][number]) => `${topic}/${partition}/${offset}`;

/** Numbers that a JavaScript number cannot hold, spaces, and a key that comes twice: all of it is the producer's. */
const AS_IT_CAME = '{"userId": "u-exact", "action":"viewed","shopId":12345678901234567890,"huge":1e400,\n"x":1,"x":2}';

test('before a pipeline ran, the API says so', async () => {
  const response = await world.app.request('/v1/events');
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('archive') as string });
});

describe('the archive', () => {
  test('keeps every record of every topic, whatever it is', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await send(
      activity('u-1', '2026-11-20T10:00:00.001Z', { headers: { traceparent } }),
      // Valid for us, and more than jsonb would take.
      activity('u-2', '2026-11-20T10:00:00.002Z', {
        value: '{"userId":"u-2","action":"viewed","nul":"\\u0000","lone":"\\ud800","big":1e999999}',
      }),
      { topic: 'user.activity', key: 'u-3', value: '{"userId":"u-3"}', at: '2026-11-20T10:00:00.003Z' },
      { topic: 'payment.completed', key: 'o-1', value: 'no json', at: '2026-11-20T10:00:00.004Z' },
      { topic: 'payment.completed', key: 'o-1', value: null, at: '2026-11-20T10:00:00.005Z' },
      {
        topic: FOREIGN_TOPIC,
        key: Buffer.alloc(5_000, 'k'),
        value: Buffer.from([0, 255]),
        at: '2026-11-20T10:00:00.006Z',
      },
      { topic: FOREIGN_TOPIC, key: 'sku-1', value: '{"count":3}', at: '2026-11-20T10:00:00.007Z' },
      { topic: 'order.completed', value: '['.repeat(100_000), at: '2026-11-20T10:00:00.008Z' },
      // A clock that was never set.
      activity('u-4', '1970-01-01T00:00:01.000Z'),
    );
    await world.start(world.projection);
    await recorded();

    const items = (await get('order=oldest')).items;
    expect(items).toMatchObject([
      { key: 'u-4', recordTime: '1970-01-01T00:00:01.000Z' },
      {
        ...{ topic: 'user.activity', type: 'user.activity', key: 'u-1', traceparent, headers: { traceparent } },
        ...{ recordTime: '2026-11-20T10:00:00.001Z', eventTime: '2026-11-20T10:00:00.001Z' },
        ...{
          eventId: expect.stringMatching(/^pos:user.activity/) as string,
          payload: { userId: 'u-1', action: 'viewed' },
        },
      },
      { key: 'u-2', payload: { nul: '\0' } },
      { key: 'u-3', payload: { userId: 'u-3' }, fault: { reason: 'invalid-payload', path: 'action' } },
      { key: 'o-1', payloadBytes: Buffer.from('no json').toString('base64'), fault: { reason: 'invalid-json' } },
      { key: 'o-1', fault: { reason: 'tombstone' } },
      { type: FOREIGN_TOPIC, keyBytes: Buffer.alloc(5_000, 'k').toString('base64'), payloadBytes: 'AP8=' },
      { type: FOREIGN_TOPIC, key: 'sku-1', payload: { count: 3 }, fault: { reason: 'unknown-type' } },
      { topic: 'order.completed', fault: { reason: 'invalid-json' } },
    ]);
    expect(items[6]).not.toHaveProperty('key');
    expect(items[1]).not.toHaveProperty('fault');
    const payloads = await world.rows<{ text: string }>(
      world.projection,
      `SELECT "payload"::TEXT AS "text" FROM "recorded" WHERE "key" = 'u-2'`,
    );
    expect(payloads[0]?.text).toContain('1e999999');
  });

  test('counts what it keeps, also what it does not know', () => {
    expect(Object.fromEntries(world.outcomes)).toMatchObject({
      'user.activity valid': 3,
      'user.activity invalid-payload': 1,
      'payment.completed invalid-json': 1,
      'payment.completed tombstone': 1,
      [`${FOREIGN_TOPIC} unknown-type`]: 2,
    });
  });

  test('dead-letters what can never succeed, where nobody else does', async () => {
    const letters = await world.database.deadLetter.findMany({ orderBy: { recordTime: 'asc' } });
    expect(letters).toMatchObject([
      { topic: 'payment.completed', reason: 'invalid-json' },
      { topic: 'payment.completed', reason: 'tombstone' },
      { topic: 'order.completed', reason: 'invalid-json' },
    ]);
    // The ingest of sagas reads user.activity, and writes its dead letters.
    expect(world.routes.topics).toContain('user.activity');
    expect(createRoutes([]).topics).not.toContain('user.activity');
    const seen = await collect(world.kafka, 'payment.completed.dlq', 'order.completed.dlq');
    await eventually(() => expect(seen.records).toHaveLength(3));
    expect(seen.records.map(({ headers }) => String(headers['dlq-reason'])).sort()).toEqual([
      ...['invalid-json', 'invalid-json', 'tombstone'],
    ]);
    await seen.close();
  });

  test('makes partitions as days come, also in several partitions of a topic at once', async () => {
    const days = Array.from({ length: 20 }, (_, index) => daysAfter('2026-10-01', index));
    await send(
      ...days.flatMap((day) =>
        [0, 1, 2].map((partition) => activity(`p-${partition}`, `${day}T12:00:00Z`, { partition })),
      ),
    );
    await recorded();
    expect(await world.inArchive(partitionedDays)).toEqual([...days, '2026-11-20']);
    expect(world.failures).toEqual([]);
  });

  test('is not stopped by a thousand days in one batch; housekeeping gives them partitions later', async () => {
    const days = Array.from({ length: 1_000 }, (_, index) => daysAfter('2020-01-01', index));
    await send(...days.map((day) => activity('long-ago', `${day}T12:00:00Z`, { partition: 0 })));
    await recorded();
    expect(world.failures).toEqual([]);
    expect(await getAll('key=long-ago&limit=200')).toHaveLength(1_000);
    const strays = (await world.inArchive(strayDays)).length;
    expect(strays).toBeGreaterThan(0);
    await world.maintain({}, '2026-11-22T00:00:00Z');
    expect(await world.inArchive(strayDays)).toHaveLength(strays - DAYS_AT_ONCE);
    expect(await getAll('key=long-ago&limit=200')).toHaveLength(1_000);
  });
});

describe('GET /v1/events', () => {
  test('finds by key and type', async () => {
    expect((await getAll('key=o-1')).map(({ topic }) => topic)).toEqual(['payment.completed', 'payment.completed']);
    expect(await getAll(`type=${FOREIGN_TOPIC}`)).toHaveLength(2);
    expect(await getAll('key=o-1&type=user.activity')).toEqual([]);
  });

  test('finds by time, the end left out', async () => {
    const found = await getAll('from=2026-10-02T12:00:00Z&to=2026-10-04T12:00:00Z&order=oldest');
    expect(found.map(({ recordTime }) => recordTime.slice(0, 10))).toEqual([
      ...Array<string>(3).fill('2026-10-02'),
      ...Array<string>(3).fill('2026-10-03'),
    ]);
  });

  test.each(['newest', 'oldest'] as const)('pages through all, %s first, each once', async (order) => {
    const all = await getAll(`order=${order}&limit=200`);
    expect(new Set(all.map(placeOf)).size).toBe(sent);
    const inOrder = all.toSorted((one, other) => Date.parse(one.recordTime) - Date.parse(other.recordTime));
    const times = (items: Page['items']) => items.map(({ recordTime }) => recordTime);
    expect(times(all)).toEqual(times(order === 'oldest' ? inOrder : inOrder.toReversed()));
    const small = await getAll(`order=${order}&key=p-1&limit=7`);
    expect(small.map(placeOf)).toEqual((await getAll(`order=${order}&key=p-1&limit=200`)).map(placeOf));
    expect(small).toHaveLength(20);
  });

  test('gives the rest of a page as it was, whatever comes meanwhile', async () => {
    const first = await get('key=p-0&limit=5');
    await send(activity('p-0', '2026-11-21T00:00:00Z'));
    await recorded();
    const rest = await get(`key=p-0&limit=200&cursor=${first.nextCursor ?? ''}`);
    expect(new Set([...first.items, ...rest.items].map(placeOf)).size).toBe(20);
  });

  test.each(['from=yesterday', 'from=0000-01-01T00:00:00Z', 'key=%00', 'limit=0', 'cursor=x', 'order=up', 'type='])(
    'refuses %s',
    async (query) => expect((await world.app.request(`/v1/events?${query}`)).status).toBe(400),
  );
});

test('gives a payload back as it came, over HTTP too', async () => {
  await world.send({ topic: 'user.activity', key: 'u-exact', value: AS_IT_CAME });
  await expect
    .poll(async () => (await world.app.request('/v1/events?key=u-exact')).text(), { timeout: 30_000 })
    .toContain(`"payload":${AS_IT_CAME}}]`);
  const { items } = await get('key=u-exact');
  expect(items).toMatchObject([{ key: 'u-exact', topic: 'user.activity' }]);
});

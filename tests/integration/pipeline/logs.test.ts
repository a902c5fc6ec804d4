import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApp } from '../../../packages/sagaline/http/app.ts';
import { createLogs } from '../../../gateways/pipeline/logs/projection.ts';
import { createApply } from '../../../packages/sagaline/pipeline/runtime/apply-batch.ts';
import type { Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { read, recordOf } from '../../support/recorded-events.ts';
import type { Payload } from '../../../workflows/events.ts';
import { createApi, type Api } from '../http/support/api.ts';
import { createPipelineWorld, type PipelineWorld, type Produced } from './support/world.ts';
import { inTransaction } from '../../../packages/sagaline/pipeline/runtime/transaction.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const burst = { threshold: 20, windowMs: MINUTE };
/** The present, as the projection sees it. */
let clockMs = Date.now();
const projection: Projection = createLogs({ retentionMs: 7 * DAY, burst }, () => clockMs);
const TRACE = '0af7651916cd43dd8448eb211c80319c';
/** An hour ago, at the full minute: recent enough for alerts. */
const BEGIN = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
const at = (ms: number) => new Date(BEGIN + ms).toISOString();

let world: PipelineWorld;
let api: Api;
let database: Database;
let app: Api['app'];
let produced = 0;

beforeAll(async () => {
  [world, api] = await Promise.all([createPipelineWorld({ topics: ['service.log'] }), createApi()]);
  database = createDatabase({ url: world.databaseUrl, poolSize: 2, acquireTimeoutMs: 5_000 });
  app = createHttpApp({ ...api.deps, database, reads: database });
});
afterAll(async () => {
  await Promise.all([world.close(), api.close(), database.$disconnect()]);
});

interface Answer {
  readonly items: Record<string, unknown>[];
  readonly nextCursor?: string;
}

const get = async (query: string) => {
  const response = await app.request(`/v1/logs${query}`);
  return { status: response.status, body: (await response.json()) as Answer };
};
const items = async (query: string) => {
  const { status, body } = await get(query);
  expect([status, body]).toMatchObject([200, { items: expect.any(Array) as unknown[] }]);
  return body.items;
};

function line(service: string, ms: number, more: Partial<Payload<'service.log'>> = {}): Produced {
  return { type: 'service.log', payload: { service, level: 'info', message: 'as usual', at: at(ms), ...more } };
}

/** Lines of level error, one each `everyMs`. */
const errors = (service: string, count: number, fromMs: number, everyMs = 100) =>
  Array.from({ length: count }, (_, n) => line(service, fromMs + n * everyMs, { level: 'error', message: `no. ${n}` }));

async function applied(...lines: Produced[]): Promise<void> {
  await world.produce(...lines);
  produced += lines.length;
  await world.applied(projection, produced);
}

const alertsOf = async (service: string) => {
  const rows = await database.outboxEvent.findMany({ where: { type: 'alert.raised' }, orderBy: { id: 'asc' } });
  return rows.map(({ payload }) => payload as Payload<'alert.raised'>).filter((alert) => alert.service === service);
};

test('before a pipeline ran, reads say so', async () => {
  for (const query of ['', '/bursts', '/services']) expect((await get(query)).status, query).toBe(503);
  await world.start(projection);
});

describe('lines', () => {
  beforeAll(() =>
    applied(
      line('web', 1, { level: 'debug' }),
      line('web', 2, { level: 'warn', message: 'slow', traceId: TRACE, attributes: { route: '/', ms: 900, ok: true } }),
      line('db', 3, { level: 'fatal', message: 'gone', traceId: TRACE }),
      line('db', 4),
    ),
  );

  const messages = async (query: string) =>
    (await items(query)).map(({ service, level }) => `${String(service)} ${String(level)}`);

  test('are found by service, level and above, trace and time, newest first', async () => {
    expect(await messages('')).toEqual(['db info', 'db fatal', 'web warn', 'web debug']);
    expect(await messages('?service=db')).toEqual(['db info', 'db fatal']);
    expect(await messages('?level=warn')).toEqual(['db fatal', 'web warn']);
    expect(await messages(`?traceId=${TRACE}&service=web`)).toEqual(['web warn']);
    expect(await messages(`?from=${at(2)}&to=${at(4)}`)).toEqual(['db fatal', 'web warn']);
  });

  test('tell all that was logged', async () => {
    expect(await items('?service=web&level=warn')).toEqual([
      {
        ...{ at: at(2), service: 'web', level: 'warn', message: 'slow', traceId: TRACE },
        attributes: { route: '/', ms: 900, ok: true },
      },
    ]);
    expect(await items('/services')).toEqual([
      { service: 'db', firstAt: at(3), lastAt: at(4), lines: 2, errors: 1 },
      { service: 'web', firstAt: at(1), lastAt: at(2), lines: 2, errors: 0 },
    ]);
    const { nextCursor = '' } = (await get('/services?limit=1')).body;
    expect(await items(`/services?limit=1&cursor=${nextCursor}`)).toMatchObject([{ service: 'web' }]);
  });

  test('come page by page, none twice and none left out', async () => {
    const seen: unknown[] = [];
    for (let cursor = ''; ;) {
      const { items: page, nextCursor } = (await get(`?limit=1${cursor}`)).body;
      seen.push(...page.map((one) => one['at']));
      if (nextCursor === undefined) break;
      cursor = `&cursor=${nextCursor}`;
    }
    expect(seen).toEqual([at(4), at(3), at(2), at(1)]);
  });

  test.each([
    ['?level=loud', 'level'],
    ['?traceId=1', 'traceId'],
    ['?from=yesterday', 'from'],
    ['?cursor=x', 'cursor'],
    ['/bursts?service=%00', 'service'],
    ['/services?cursor=x', 'cursor'],
  ])('%s is refused, by name', async (query, field) => {
    expect(await get(query)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});

describe('a burst of errors', () => {
  test('raises one alert, however long it lasts and however it is cut into batches', async () => {
    for (let part = 0; part < 5; part++) await applied(...errors('checkout', 10, part * 1_000));
    await applied(...errors('checkout', 60, 2 * MINUTE, 1_000));
    const alerts = await alertsOf('checkout');
    expect(alerts).toMatchObject([{ kind: 'error-burst', ...burst, count: 20 }]);
    expect(await items('/bursts?service=checkout')).toMatchObject([{ service: 'checkout', errors: 110 }]);
    expect(alerts[0]?.at).toBe((await items('/bursts?service=checkout'))[0]?.['startedAt']);
  });

  test('is over after a quiet time: two of them are told at once by one alert, and one that comes later by its own', async () => {
    await applied(...errors('stock', 20, 0), ...errors('stock', 20, 5 * MINUTE), ...errors('stock', 20, 15 * MINUTE));
    expect(await items('/bursts?service=stock')).toHaveLength(2);
    expect(await alertsOf('stock')).toHaveLength(1);
    clockMs += 5 * burst.windowMs + 1;
    await applied(...errors('stock', 20, 30 * MINUTE));
    expect(await alertsOf('stock')).toHaveLength(2);
  });

  test('of lines that claim many times is one alert: their times are their producer\u2019s word', async () => {
    await applied(...Array.from({ length: 40 }, (_, n) => errors('liar', 20, (n - 100) * 10 * MINUTE)).flat());
    expect((await items('/bursts?service=liar&limit=100')).length).toBe(40);
    expect(await alertsOf('liar')).toHaveLength(1);
  });

  test('of many services is no more than twenty alerts in that time; the others come later, if they still fail', async () => {
    clockMs += 5 * burst.windowMs + 1;
    const services = Array.from({ length: 30 }, (_, n) => `many-${String(n).padStart(2, '0')}`);
    const told = async () => {
      const alerts = await Promise.all(services.map(alertsOf));
      return alerts.map(({ length }) => length);
    };
    await applied(...services.flatMap((service) => errors(service, 20, 0)));
    const first = await told();
    expect([...first].sort()).toEqual([...Array<number>(10).fill(0), ...Array<number>(20).fill(1)]);
    await applied(...services.flatMap((service) => errors(service, 1, 10_000)));
    expect(await told()).toEqual(first);
    clockMs += 5 * burst.windowMs + 1;
    await applied(...services.flatMap((service) => errors(service, 1, 20_000)));
    expect(await told()).toEqual(Array<number>(30).fill(1));
  });

  test('that began earlier than it seemed, as late lines show, has had its alert', async () => {
    await applied(...errors('late', 20, MINUTE));
    await applied(...errors('late', 20, MINUTE / 2));
    const [first] = await alertsOf('late');
    expect(await alertsOf('late')).toEqual([first]);
    const [only, ...more] = await items('/bursts?service=late');
    expect([only?.['errors'], more]).toEqual([40, []]);
    expect(String(only?.['startedAt']) < String(first?.at)).toBe(true);
  });

  test('is none below the threshold, of other levels, or spread over a longer time', async () => {
    await applied(
      ...errors('calm', 19, 0),
      ...Array.from({ length: 50 }, (_, n) => line('calm', n, { level: 'warn' })),
      ...errors('slow', 50, 0, MINUTE / 10),
    );
    expect([await alertsOf('calm'), await alertsOf('slow')]).toEqual([[], []]);
    expect(await items('/bursts?service=slow')).toEqual([]);
  });

  test('that is long over wakes nobody: a topic may be read for the first time', async () => {
    await applied(...errors('old', 30, -3 * DAY));
    expect(await items('/bursts?service=old')).toHaveLength(1);
    expect(await alertsOf('old')).toEqual([]);
  });

  test('raises its alert in the transaction that stores it: both or none, and one in the end', async () => {
    const tables = createLogs({ retentionMs: 7 * DAY, burst });
    const records = errors('shop', 30, 0).map(({ payload }, offset) => recordOf('service.log', payload, { offset }));
    const range = { ...{ topic: 'service.log', partition: 0, askedFrom: undefined }, records };
    const applyIn = async (schema: string, live: boolean, times: number) => {
      await inTransaction(world.pool, (client) => createSchema(client, tables, schema));
      let failuresLeft = times;
      const apply = createApply({
        ...{ pool: world.pool, projection: tables, schema, live, read },
        failpoint: () => {
          if (failuresLeft-- > 0) throw new Error('as a database would');
        },
      });
      for (let n = 0; n < times; n++) await expect(apply(range)).rejects.toThrow('as a database would');
      return () => apply(range);
    };

    await (
      await applyIn('rebuilt', false, 0)
    )();
    expect(await alertsOf('shop')).toEqual([]);
    const again = await applyIn('failing', true, 2);
    expect(await alertsOf('shop')).toEqual([]);
    await again();
    expect(await alertsOf('shop')).toHaveLength(1);
    // The outbox knows the id, whichever tables raise it again.
    await (
      await applyIn('third', true, 0)
    )();
    expect(await alertsOf('shop')).toHaveLength(1);
  });
});

test('housekeeping removes what is older than the retention, and nothing else', async () => {
  const before = Number((await world.rows<{ n: string }>(projection, 'SELECT count(*) AS n FROM "lines"'))[0]?.n);
  await applied(...errors('ancient', 30, -8 * DAY), line('fresh', 0));
  await inTransaction(world.pool, async (client) => {
    await client.query('SET LOCAL search_path = projection_logs, public');
    await projection.maintenance?.run({
      live: true,
      query: async (sql, values = []) => (await client.query(sql, [...values])).rows as never,
    });
  });
  const rows = await world.rows<{ n: string }>(projection, 'SELECT count(*) AS n FROM "lines"');
  expect(Number(rows[0]?.n)).toBe(before + 1);
  expect(await items('/bursts?service=ancient')).toEqual([]);
  expect(await items('/bursts?service=checkout')).toHaveLength(1);
  expect(world.failures).toEqual([]);
});

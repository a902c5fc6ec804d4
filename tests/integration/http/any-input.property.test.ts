/** Whatever bytes a cursor, a parameter or a body has: it is answered, and never by a 500. Over every route of the document. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCursor } from '../../../packages/sagaline/http/pages/cursor.ts';
import { ensureSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { appProjections } from '../../support/reference.ts';
import { createTestPool } from '../../support/stack.ts';
import { createApi, sagaRow, type Api } from './support/api.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
}

interface Operation {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

let api: Api;
let operations: Operation[];

beforeAll(async () => {
  api = await createApi();
  const pool = createTestPool(api.databaseUrl, 2);
  for (const projection of appProjections()) await ensureSchema(pool, projection);
  await pool.end();
  await api.database.saga.createMany({ data: [sagaRow('o-1'), sagaRow('o-2')] });
  const { paths } = (await (await api.get('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
  };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => ({
      ...{ route: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, parameters },
    })),
  );
});
afterAll(() => api.close());

/** Ends of what a store can hold, and what lies just beyond. */
const edges = fc.constantFrom(
  ...[
    '',
    '\0',
    '\ud800',
    '%00',
    '%ff',
    '../..',
    "' OR 1=1 --",
    '-1',
    '0',
    '1e3',
    '9'.repeat(18),
    '9'.repeat(19),
    'NaN',
  ],
  ...['2147483647', '2147483648', '999999999', '-9223372036854775809', '18446744073709551616'],
  ...['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59.999Z'],
  ...['9999-12-31T23:59:59-23:59', '2026-02-30T00:00:00Z', '0000-01-01', '9999-12-31', '-000001-01-01'],
  ...['o-1', 'orderSaga:o-1', 'order', 'log', 'newest', '1s', 'payment', '00000000000000000000000000000001', 'running'],
);
const text = fc.oneof(
  { weight: 3, arbitrary: edges },
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);
const cursor = fc.oneof(
  fc.array(text, { minLength: 1, maxLength: 4 }).map(encodeCursor),
  fc.json({ maxDepth: 2 }).map((json) => Buffer.from(json).toString('base64url')),
  text,
);
/** A place in each list, as the list itself would say it. */
const POSITIONS: Readonly<Record<string, readonly string[]>> = {
  '/v1/sagas': ['2026-01-01T00:00:00.000Z', 'orderSaga:o-1'],
  '/v1/dead-letters': ['17'],
  '/v1/events': ['2026-01-01T00:00:00.000Z', 'order.created', '0', '17'],
  '/v1/logs': ['1767225600000', '0', '17'],
  '/v1/logs/services': ['shop'],
  '/v1/behaviour/sessions': ['1767225600000'],
  '/v1/search': ['0', '1767225600000', 'order', 'o-1'],
};
/** What passes, for parameters that are not the ones in question. */
const GOOD: Readonly<Record<string, string>> = {
  id: 'orderSaga:o-1',
  step: 'payment',
  q: 'book',
  userId: 'u-1',
  sku: 'book',
};

/** A place of the right form with one of its parts replaced: what a forger would try. */
function forged(position: readonly string[]) {
  return fc
    .tuple(fc.nat({ max: position.length - 1 }), text)
    .map(([at, part]) => encodeCursor(position.with(at, part)));
}

function valueOf(name: string, path: string) {
  const position = name === 'cursor' ? POSITIONS[path] : undefined;
  if (name === 'cursor' && !position) throw new Error(`${path} has a cursor, and POSITIONS no place of it`);
  return position ? fc.oneof({ weight: 4, arbitrary: forged(position) }, cursor) : text;
}

/** A request to one operation, with any value for one of its parameters, or for all. Lone surrogates travel as UTF-8 has them. */
function requestTo({ method, path, parameters }: Operation) {
  const drawn = fc.record({
    any: fc.tuple(...parameters.map(({ name }) => valueOf(name, path))),
    focus: fc.option(fc.nat({ max: Math.max(0, parameters.length - 1) }), { freq: 6 }),
    body: fc.oneof(fc.json({ maxDepth: 3 }), text),
  });
  return drawn.map(({ any, focus, body }) => {
    let [url, query] = [path, ''];
    for (const [at, { name, in: place, required }] of parameters.entries()) {
      const value = focus === null || focus === at ? any[at] : required || place === 'path' ? GOOD[name] : undefined;
      if (value === undefined) continue;
      if (place === 'path') url = url.replace(`{${name}}`, encoded(value) || '%20');
      if (place === 'query') query += `${query === '' ? '?' : '&'}${name}=${encoded(value)}`;
    }
    return { method, url: `${url}${query}`, body };
  });
}

const encoded = (value: string) => encodeURIComponent(Buffer.from(value).toString());

async function statusOf({ method, url, body }: { method: string; url: string; body: string }): Promise<number> {
  const type =
    url.startsWith('/v1/logs') || url.startsWith('/v1/activity') ? 'application/x-ndjson' : 'application/json';
  const init = method === 'POST' ? { method, body: Buffer.from(body), headers: { 'Content-Type': type } } : { method };
  const response = await api.app.request(url, init);
  await response.body?.cancel();
  return response.status;
}

describe('no input is answered by 500', () => {
  test('over all operations, with any parameters and bodies', async () => {
    expect(operations.length).toBeGreaterThan(30);
    for (const operation of operations) {
      // Without a feed, a saga that runs, or a stack, some routes say 503 for good reasons; what they must not say is 500.
      await fc.assert(
        fc.asyncProperty(requestTo(operation), async (request) => {
          const status = await statusOf(request);
          expect([status, JSON.stringify(request)]).not.toEqual([500, JSON.stringify(request)]);
        }),
        { numRuns: operation.parameters.some(({ name }) => name === 'cursor') ? 600 : 60 },
      );
    }
  });

  test.each([
    ['/v1/sagas', ['0000-01-01T00:00:00.000Z', 'orderSaga:o-1']],
    ['/v1/sagas', ['2026-01-01T00:00:00.000Z', 'orderSaga:\0']],
    ['/v1/events', ['0000-01-01T00:00:00.000Z', 'order.created', '0', '1']],
    ['/v1/events', ['2026-01-01T00:00:00.000Z', 'a\0b', '0', '1']],
    ['/v1/events', ['2026-01-01T00:00:00.000Z', 'a\ud800b', '0', '1']],
    ['/v1/search?q=a&', ['0', '9999999999999999', 'order', 'a\0']],
    ['/v1/dead-letters', ['9999999999999999999']],
    ['/v1/logs/services', ['a\0b']],
    ['/v1/behaviour/sessions?userId=u-1&', ['99999999999999999999']],
  ])('%s from %j on is 400, in words', async (path, position) => {
    const url = `${path}${path.endsWith('&') ? '' : '?'}cursor=${encodeCursor(position)}`;
    const response = await api.get(url);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { type: 'urn:sagaline:problem:malformed-request', errors: [{ field: 'cursor' }] },
    ]);
  });
});

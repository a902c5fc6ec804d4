import { describe, expect, test } from 'vitest';
import { withPlainPatterns } from '../../../packages/sagaline/http/openapi/plain-patterns.ts';
import { createTestApp } from './support/test-app.ts';

interface Operation {
  requestBody?: { content: Record<string, { schema: { properties: Record<string, unknown>; required: string[] } }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const { app } = createTestApp();
const document = (await (await app.request('/openapi.json')).json()) as OpenApi;

test('describes one path for each event type that a saga takes from outside, by the schema that ingest uses', () => {
  const types = Object.keys(document.paths).filter((path) => path.startsWith('/v1/events/'));
  expect(types).toEqual(
    ['order.cancel-requested', 'order.created', 'user.activity', 'user.created'].map((type) => `/v1/events/${type}`),
  );
  const schema = document.paths['/v1/events/order.created']?.['post']?.requestBody?.content['application/json']?.schema;
  expect(schema?.required).toEqual(
    expect.arrayContaining(['orderId', 'amount', 'currency', 'items', 'contact', 'paymentMethod']),
  );
  expect(schema?.properties['amount']).toMatchObject({ type: 'integer', exclusiveMinimum: 0 });
});

test('describes every route that there is', () => {
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  const routes = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => route !== 'GET /openapi.json' && route !== 'POST /v1/events/:type');
  for (const route of new Set(routes)) expect(described).toContain(route);
});

test('names the problems of a request with a body', () => {
  const { responses = {} } = document.paths['/v1/events/order.created']?.['post'] ?? {};
  expect(Object.keys(responses)).toEqual(
    expect.arrayContaining(['202', '400', '401', '409', '413', '415', '422', '429', '500', '503']),
  );
  expect(Object.keys(responses['422']?.content ?? {})).toEqual(['application/problem+json']);
});

/** Every pattern of the document, with what it stands beside. */
function patternsIn(node: unknown, at = ''): { at: string; pattern: string }[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === 'pattern' && typeof value === 'string' ? [{ at, pattern: value }] : patternsIn(value, `${at}/${key}`),
  );
}

describe('a pattern is a regular expression of JSON Schema', () => {
  const patterns = patternsIn(document);

  test('with the same meaning to those who read it as Unicode and to those who do not', () => {
    expect(patterns.length).toBeGreaterThan(10);
    const samples = [
      'o-1',
      '',
      'EUR',
      '+4915112345678',
      'tok_ok',
      'a b',
      'a\u0001',
      'a\u009f',
      '결제',
      '🦊',
      'a'.repeat(200),
      '0'.repeat(32),
    ];
    for (const { at, pattern } of patterns) {
      // Neither slashes around it nor flags after it, and nothing that only one of the two grammars knows.
      expect(pattern, at).not.toMatch(/^\/|\/[a-z]*$|\\[pPk]|\\u\{/);
      const [plain, unicode] = [new RegExp(pattern), new RegExp(pattern, 'u')];
      for (const sample of samples) expect(plain.test(sample), `${at}: ${pattern}`).toBe(unicode.test(sample));
    }
  });

  test('so a client that checks by the document may ask for the key of an order', () => {
    const parameters = (
      document.paths['/v1/events']?.['get'] as { parameters?: { name: string; schema: { pattern: string } }[] }
    ).parameters;
    const pattern = parameters?.find(({ name }) => name === 'key')?.schema.pattern ?? '';
    expect(['o-1', '결제', 'a\u0000', 'a\u0085'].map((key) => new RegExp(pattern, 'u').test(key))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('whoever wrote it: what a flag gives its meaning is left out', () => {
    const schema = (pattern: string) => ({ type: 'string', pattern });
    expect(withPlainPatterns([schema('^\\p{L}+$/u'), schema('^a$/i'), schema('^a\\/b$'), schema('^a$/iu')])).toEqual([
      schema('^\\p{L}+$'),
      { type: 'string' },
      schema('^a/b$'),
      { type: 'string' },
    ]);
  });
});

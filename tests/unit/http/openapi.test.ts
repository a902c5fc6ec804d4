import { expect, test } from 'vitest';
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

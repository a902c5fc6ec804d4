import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../env.ts';
import type { HttpDeps, HttpOptions } from '../ports.ts';
import { withPlainPatterns } from '../openapi/plain-patterns.ts';
import { readiness } from './readiness.ts';
import { ReadinessAnswer } from '../openapi/schemas.ts';
import { describe, json, problems } from '../openapi/responses.ts';

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['operations'],
  summary: 'The process is alive',
  responses: { 200: json('It is', z.object({ status: z.literal('ok') })), ...describe(['malformed-request']) },
});

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['operations'],
  summary: 'Every part of this process works, named one by one',
  responses: {
    200: json('All of them do', ReadinessAnswer),
    503: json('Some do not', ReadinessAnswer),
    ...describe(['malformed-request']),
  },
});

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['operations'],
  summary: 'Prometheus metrics',
  responses: { 200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } }, ...problems() },
});

/** Paths that need no API key: a load balancer has none. */
export const OPEN_PATHS: ReadonlySet<string> = new Set([alive.path, ready.path]);

/** What a process says of itself, whether it serves the API or not. */
export type OperationsDeps = Pick<HttpDeps, 'readiness' | 'metrics'>;

/** Health, readiness, metrics. */
export function operationsRoutes(app: OpenAPIHono<AppEnv>, deps: OperationsDeps): void {
  app.openapi(alive, (c) => c.json({ status: 'ok' as const }, 200));

  app.openapi(ready, async (c) => {
    const answer = await readiness(deps.readiness);
    return answer.ready ? c.json(answer, 200) : c.json(answer, 503);
  });

  app.openapi(metrics, async (c) =>
    c.text(await deps.metrics.render(), 200, { 'Content-Type': deps.metrics.contentType }),
  );
}

/** The OpenAPI document of all routes that the app has. */
export function openApiRoute(app: OpenAPIHono<AppEnv>, { apiKeys }: Pick<HttpOptions, 'apiKeys'>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'apiKey', in: 'header', name: 'X-Api-Key' });
  let document: object | undefined;
  app.get('/openapi.json', (c) => {
    document ??= withPlainPatterns(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: 'Sagaline', version: '1', description: 'Events in, sagas to watch, operators’ decisions.' },
        security: apiKeys.length > 0 ? [{ bearer: [] }, { key: [] }] : [],
      }),
    );
    return c.json(document, 200);
  });
}

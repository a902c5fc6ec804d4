/** Routes of an application stand beside the engine's: under the same rules, in the same document. */
import { createRoute, z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { RouteTwice } from '../../../packages/sagaline/http/app.ts';
import { defineRoutes } from '../../../packages/sagaline/http/define-routes.ts';
import { NO_OWN_PARTS } from '../../../packages/sagaline/http/own-parts.ts';
import { json, problems } from '../../../packages/sagaline/http/openapi/responses.ts';
import { createTestApp, problemOf } from './support/test-app.ts';

const greeting = (path: string) =>
  defineRoutes('greetings', {
    env: { GREETING: z.string().default('hello') },
    register(api, { env }) {
      const route = createRoute({
        method: 'get',
        path,
        request: { query: z.object({ name: z.string().min(1) }) },
        responses: { 200: json('A greeting', z.object({ text: z.string() })), ...problems('malformed-request') },
      });
      api.openapi(route, (c) => c.json({ text: `${env.GREETING} ${c.req.valid('query').name}` }, 200));
    },
  });

function appWith(path: string, environment: Record<string, string> = {}, apiKeys: string[] = []) {
  const routes = greeting(path);
  const register = routes.bind(readConfig(environment, { declared: [routes] }));
  return createTestApp({ own: { ...NO_OWN_PARTS, routes: [register] }, options: { apiKeys } }).app;
}

test('they answer, by their own variables, and are in the document', async () => {
  const app = appWith('/v1/greetings', { GREETING: 'good evening' });
  expect(await (await app.request('/v1/greetings?name=Ada')).json()).toEqual({ text: 'good evening Ada' });
  const { paths } = (await (await app.request('/openapi.json')).json()) as { paths: object };
  expect(paths).toHaveProperty(['/v1/greetings', 'get']);
  expect(paths).not.toHaveProperty(['/v1/orders']);
});

test('keys, methods and parameters are held to the same rules', async () => {
  const app = appWith('/v1/greetings', {}, ['a-key-of-sixteen-characters']);
  const asked = (path: string, init: RequestInit = {}) =>
    app.request(path, { ...init, headers: { Authorization: 'Bearer a-key-of-sixteen-characters' } });
  expect((await problemOf(await app.request('/v1/greetings?name=Ada'))).status).toBe(401);
  expect((await problemOf(await asked('/v1/greetings?name=Ada', { method: 'DELETE' }))).status).toBe(405);
  expect((await problemOf(await asked('/v1/greetings?name=Ada&nam=Eve'))).status).toBe(400);
  expect((await problemOf(await asked('/v1/greetings?name='))).errors).toMatchObject([{ field: 'name' }]);
});

test('a path that is taken is refused at start', () => {
  expect(() => appWith('/v1/sagas')).toThrow(RouteTwice);
  expect(() => appWith('/v1/sagas')).toThrow('GET /v1/sagas is there twice: give one of them another path');
});

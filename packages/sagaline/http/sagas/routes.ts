import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { SAGA_STATES, SagaDetail, SagaSummary, TROUBLES, page } from '../openapi/schemas.ts';
import type { AppEnv } from '../env.ts';
import type { HttpDeps } from '../ports.ts';
import { createSagaDetail } from './detail.ts';
import { listSagas } from './list.ts';
import { Limit, Name, SagaParams, sagaIdOf } from '../openapi/params.ts';
import { json, problems } from '../openapi/responses.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/sagas',
  tags: ['sagas'],
  summary: 'Sagas, newest first',
  request: {
    query: z.object({
      state: z.enum([...SAGA_STATES, 'parked', ...TROUBLES]).optional(),
      name: Name.optional(),
      cursor: z.string().max(1000).optional(),
      limit: Limit,
    }),
  },
  responses: { 200: json('One page', page(SagaSummary)), ...problems('malformed-request') },
});

const detail = createRoute({
  method: 'get',
  path: '/v1/sagas/{id}',
  tags: ['sagas'],
  summary: 'One saga: steps, attempts, compensations, where it came from, what it emitted',
  request: { params: SagaParams },
  responses: { 200: json('The saga', SagaDetail), ...problems('not-found') },
});

/** GET /v1/sagas and GET /v1/sagas/:id */
export function sagaRoutes(
  app: OpenAPIHono<AppEnv>,
  { database, workflows, routes, options, troubled }: HttpDeps,
): void {
  const sagaDetail = createSagaDetail({ database, workflows, routes, options });
  app.openapi(list, async (c) => c.json(await listSagas(database, c.req.valid('query'), troubled?.()), 200));
  app.openapi(detail, async (c) => c.json(await sagaDetail(sagaIdOf(c)), 200));
}

import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { findDeadLetter, listDeadLetters } from '../dead-letters.ts';
import type { AppEnv } from '../env.ts';
import type { HttpDeps } from '../ports.ts';
import { DeadLetterDetail, DeadLetterSummary, page } from '../schemas.ts';
import { Limit, Name } from './params.ts';
import { json, problems } from './responses.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  tags: ['dead letters'],
  summary: 'Records that can never succeed, newest first',
  request: {
    query: z.object({
      topic: Name.optional(),
      reason: Name.optional(),
      cursor: z.string().max(1000).optional(),
      limit: Limit,
    }),
  },
  responses: {
    200: json('One page, without keys and values', page(DeadLetterSummary)),
    ...problems('malformed-request'),
  },
});

const detail = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{id}',
  tags: ['dead letters'],
  summary: 'One dead letter with its bytes; they may hold personal data',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json('The dead letter', DeadLetterDetail), ...problems('not-found') },
});

/** GET /v1/dead-letters and GET /v1/dead-letters/:id */
export function deadLetterRoutes(app: OpenAPIHono<AppEnv>, { database }: HttpDeps): void {
  app.openapi(list, async (c) => c.json(await listDeadLetters(database, c.req.valid('query')), 200));
  app.openapi(detail, async (c) => c.json(await findDeadLetter(database, c.req.valid('param').id), 200));
}

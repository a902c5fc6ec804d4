import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../env.ts';
import { findDeadLetter, LETTER_STATES, listDeadLetters } from './list.ts';
import { createDecideDeadLetter } from './decide.ts';
import type { Writing } from '../guards.ts';
import type { HttpDeps } from '../ports.ts';
import {
  DeadLetterDetail,
  DeadLetterSummary,
  DismissBody,
  LetterDecision,
  RedriveBody,
  page,
} from '../openapi/schemas.ts';
import { Limit, Name, bodyAs } from '../openapi/params.ts';
import { BODY_PROBLEMS, json, problems } from '../openapi/responses.ts';

const Key = z.string().min(1).max(1024).openapi({ description: "The record's key; of an order's events, its id" });

const list = createRoute({
  method: 'get',
  path: '/v1/dead-letters',
  tags: ['dead letters'],
  summary: 'Records that can never succeed, newest first',
  request: {
    query: z.object({
      topic: Name.optional(),
      reason: Name.optional(),
      key: Key.optional(),
      state: z.enum(LETTER_STATES).optional(),
      cursor: z.string().max(1000).optional(),
      limit: Limit,
    }),
  },
  responses: {
    200: json('One page, without keys and values', page(DeadLetterSummary)),
    ...problems('malformed-request'),
  },
});

const Params = z.object({ id: z.string() });

const detail = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{id}',
  tags: ['dead letters'],
  summary: 'One dead letter with its bytes; they may hold personal data',
  request: { params: Params },
  responses: { 200: json('The dead letter', DeadLetterDetail), ...problems('not-found') },
});

/** GET /v1/dead-letters, GET /v1/dead-letters/:id, and what an operator does with one. */
export function deadLetterRoutes(app: OpenAPIHono<AppEnv>, deps: HttpDeps, reads: HttpDeps, { guards }: Writing): void {
  const { database, producer, options } = deps;
  const letters = createDecideDeadLetter({ database, producer, produceTimeoutMs: options.produceTimeoutMs });
  app.openapi(list, async (c) => c.json(await listDeadLetters(reads.database, c.req.valid('query')), 200));
  app.openapi(detail, async (c) => c.json(await findDeadLetter(reads.database, c.req.valid('param').id), 200));

  document(
    app,
    'redrive',
    RedriveBody,
    'Produces the record once more, with its key, value and headers; once, however often',
  );
  app.post('/v1/dead-letters/:id/redrive', ...guards.json, async (c) => {
    const { by } = bodyAs(c, RedriveBody);
    return c.json(await letters.redrive(c.req.param('id'), by), 200);
  });

  document(app, 'dismiss', DismissBody, 'Says that nothing need be done about it, and why');
  app.post('/v1/dead-letters/:id/dismiss', ...guards.json, async (c) => {
    return c.json(await letters.dismiss(c.req.param('id'), bodyAs(c, DismissBody)), 200);
  });
}

function document(app: OpenAPIHono<AppEnv>, action: 'redrive' | 'dismiss', body: z.ZodType, summary: string): void {
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: `/v1/dead-letters/{id}/${action}`,
    tags: ['operator'],
    summary,
    request: { params: Params, body: { ...json('By whom, and why', body), required: true } },
    responses: {
      200: json('What was decided, and by whom: a repetition gets the first one’s answer', LetterDecision),
      ...problems(
        'not-found',
        'decided-otherwise',
        ...(action === 'redrive' ? (['letter-incomplete'] as const) : []),
        ...BODY_PROBLEMS,
      ),
    },
  });
}

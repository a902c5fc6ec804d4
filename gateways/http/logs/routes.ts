import { createRoute, z } from '@hono/zod-openapi';
import { defineRoutes, json, Limit, page, problems } from 'sagaline/http';
import { Id, Timestamp, TraceId } from 'sagaline/workflow';
import { LEVELS } from '../../pipeline/logs/levels.ts';
import { listBursts, listLines, listServices } from './query.ts';

const Count = z.int().nonnegative();
const times = { from: Timestamp.optional(), to: Timestamp.optional() };

const Line = z
  .object({
    at: z.string(),
    service: z.string(),
    level: z.enum(LEVELS),
    message: z.string(),
    traceId: z.string().optional(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .openapi('LogLine');

const lines = createRoute({
  method: 'get',
  path: '/v1/logs',
  tags: ['logs'],
  summary: 'Log lines of services, newest first',
  request: {
    query: z.object({
      service: Id.optional(),
      level: z.enum(LEVELS).optional().openapi({ description: 'This level and above' }),
      traceId: TraceId.optional(),
      ...times,
      cursor: z.string().max(1000).optional(),
      limit: Limit,
    }),
  },
  responses: { 200: json('One page', page(Line)), ...problems('malformed-request') },
});

const bursts = createRoute({
  method: 'get',
  path: '/v1/logs/bursts',
  tags: ['logs'],
  summary: 'Bursts of errors, the latest first',
  request: { query: z.object({ service: Id.optional(), ...times, limit: Limit }) },
  responses: {
    200: json(
      'Bursts',
      z.object({
        items: z.array(z.object({ service: z.string(), startedAt: z.string(), endedAt: z.string(), errors: Count })),
      }),
    ),
    ...problems('malformed-request'),
  },
});

const services = createRoute({
  method: 'get',
  path: '/v1/logs/services',
  tags: ['logs'],
  summary: 'Services that logged, by name',
  request: { query: z.object({ cursor: z.string().max(1000).optional(), limit: Limit }) },
  responses: {
    200: json(
      'One page',
      page(z.object({ service: z.string(), firstAt: z.string(), lastAt: z.string(), lines: Count, errors: Count })),
    ),
    ...problems('malformed-request'),
  },
});

/** GET /v1/logs, GET /v1/logs/bursts, GET /v1/logs/services */
export const logRoutes = defineRoutes('logs', {
  register(app, { reads: database }) {
    app.openapi(lines, async (c) => c.json(await listLines(database, c.req.valid('query')), 200));
    app.openapi(bursts, async (c) => c.json(await listBursts(database, c.req.valid('query')), 200));
    app.openapi(services, async (c) => c.json(await listServices(database, c.req.valid('query')), 200));
  },
});

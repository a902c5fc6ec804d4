import { createRoute, z, type OpenAPIHono, type RouteConfigToTypedResponse } from '@hono/zod-openapi';
import { Instant } from '../../ground/instant.ts';
import type { AppEnv } from '../env.ts';
import type { HttpDeps } from '../ports.ts';
import { listRecordedEvents } from './list.ts';
import { Limit } from '../openapi/params.ts';
import { json, problems } from '../openapi/responses.ts';

/** Any type and any key that the archive can have: also those of producers who keep to no rule of ours. */
const Text = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\x00-\x1f\x7f-\x9f]+$/, 'must not contain control characters');

const RecordedEvent = z
  .object({
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
    type: z.string(),
    recordTime: z.iso.datetime(),
    eventTime: z.iso.datetime(),
    key: z.string().optional(),
    keyBytes: z.base64().optional().openapi({ description: 'The key, where it is not text' }),
    eventId: z.string().optional(),
    traceparent: z.string().optional(),
    payload: z
      .unknown()
      .optional()
      .openapi({ description: 'The value as it came; of a structured CloudEvent, the whole of it' }),
    payloadBytes: z.base64().optional().openapi({ description: 'The value, where it is not JSON' }),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
    fault: z
      .object({ reason: z.string(), path: z.string(), message: z.string() })
      .optional()
      .openapi({ description: 'Why this is no valid event of a known type' }),
  })
  .openapi('RecordedEvent');

const Page = z.object({
  order: z.enum(['newest', 'oldest']),
  items: z.array(RecordedEvent),
  nextCursor: z.string().optional(),
});

const list = createRoute({
  method: 'get',
  path: '/v1/events',
  tags: ['events'],
  summary: 'Every record that the archive holds, valid or not, by key, type and time; it may hold personal data',
  request: {
    query: z.object({
      key: Text.optional(),
      type: Text.optional(),
      from: Instant.optional().openapi({ type: 'string', format: 'date-time', description: 'Record time, inclusive' }),
      to: Instant.optional().openapi({ type: 'string', format: 'date-time', description: 'Record time, exclusive' }),
      order: z.enum(['newest', 'oldest']).default('newest'),
      cursor: z.string().max(1000).optional(),
      limit: Limit,
    }),
  },
  responses: {
    200: json('One page', Page),
    ...problems('malformed-request'),
  },
});

/** GET /v1/events */
export function recordedEventRoutes(app: OpenAPIHono<AppEnv>, { database }: HttpDeps): void {
  app.openapi(list, async (c) => {
    const page = await listRecordedEvents(database, c.req.valid('query'));
    // It is what its schema says, but was never a value: see listRecordedEvents.
    const response = c.newResponse(page, 200, { 'Content-Type': 'application/json' });
    return response as Response & RouteConfigToTypedResponse<typeof list>;
  });
}

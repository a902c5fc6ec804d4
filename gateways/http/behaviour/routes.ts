import { createRoute, z } from '@hono/zod-openapi';
import { defineRoutes, json, Limit, page, Problem, problems } from 'sagaline/http';
import { Id } from 'sagaline/workflow';
import { listSessions, readActiveUsers, readFunnel, readRecommendations, readTopPages, type Period } from './query.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_DAYS = 366;

const Day = z.iso.date('must be a date such as 2026-11-22').openapi({ example: '2026-11-22' });
const Count = z.int().nonnegative();
const days = { from: Day.optional(), to: Day.optional() };
const by = { by: z.enum(['day', 'week']).default('day') };
const list = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });

const get = <Query extends z.ZodObject, Answer extends z.ZodType>(
  path: string,
  summary: string,
  query: Query,
  answer: Answer,
) =>
  createRoute({
    ...{ method: 'get', path: `/v1/behaviour/${path}`, tags: ['behaviour'], summary },
    request: { query },
    responses: { 200: json(summary, answer), ...problems('malformed-request') },
  });

const sessions = get(
  'sessions',
  'Sessions of a user, newest first',
  z.object({ userId: Id, cursor: z.string().max(1000).optional(), limit: Limit }),
  page(z.object({ startedAt: z.string(), endedAt: z.string(), durationMs: Count, activities: Count })),
);

const funnel = get(
  'funnel',
  'Users who viewed, then also added, then also ordered, then also paid, by day or week',
  z.object({ ...days, ...by }),
  list(z.object({ from: Day, viewed: Count, added: Count, ordered: Count, paid: Count })),
);

const activeUsers = get(
  'active-users',
  'Active users by day or week',
  z.object({ ...days, ...by }),
  list(z.object({ from: Day, users: Count, activities: Count })),
);

const topPages = get(
  'top-pages',
  'Pages with the most activities',
  z.object({ ...days, limit: Limit }),
  list(z.object({ page: z.string(), activities: Count })),
);

const recommendations = get(
  'recommendations',
  'What is bought together with an article, most often first',
  z.object({
    sku: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[^\0]*$/, 'must not have a NUL'),
    limit: Limit,
  }),
  list(z.object({ sku: z.string(), orders: Count })),
);

/** GET /v1/behaviour/… */
export const behaviourRoutes = defineRoutes('behaviour', {
  register(app, { reads: database }) {
    app.openapi(sessions, async (c) => c.json(await listSessions(database, c.req.valid('query')), 200));
    app.openapi(funnel, async (c) => {
      const query = c.req.valid('query');
      return c.json(await readFunnel(database, { ...query, ...periodOf(query) }), 200);
    });
    app.openapi(activeUsers, async (c) => {
      const query = c.req.valid('query');
      return c.json(await readActiveUsers(database, { ...query, ...periodOf(query) }), 200);
    });
    app.openapi(topPages, async (c) => {
      const query = c.req.valid('query');
      return c.json(await readTopPages(database, { ...query, ...periodOf(query) }), 200);
    });
    app.openapi(recommendations, async (c) => c.json(await readRecommendations(database, c.req.valid('query')), 200));
  },
});

/**
 * Today and the six days before, unless told.
 *
 * @throws Problem malformed-request when it ends before it begins, or is too long
 */
function periodOf(asked: { from?: string | undefined; to?: string | undefined }): Period {
  const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const to = asked.to ?? dateOf(Date.now());
  const from = asked.from ?? dateOf(Date.parse(to) - 6 * DAY_MS);
  const length = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (length >= 1 && length <= MAX_DAYS) return { from, to };
  const reason = `must be 0 to ${MAX_DAYS - 1} days after from`;
  throw new Problem('malformed-request', `to: ${reason}`, { errors: [{ field: 'to', reason }] });
}

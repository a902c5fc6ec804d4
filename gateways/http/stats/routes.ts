import type { z } from '@hono/zod-openapi';
import { createRoute } from '@hono/zod-openapi';
import { defineRoutes, json, problems } from 'sagaline/http';
import { Id } from 'sagaline/workflow';
import { ORDER_MEASURES, SAGA_MEASURES, activityIn, groupBy, logsIn, ordersIn, sagasIn } from './answers.ts';
import { RangeQuery, rangeOf, rangeSaid, startsOf, type Range } from './range.ts';
import { createWindowReader } from './read-windows.ts';
import { Activity, Logs, Orders, Sagas, Summary, pointsOf } from './schemas.ts';

const LogQuery = RangeQuery.extend({ service: Id.optional() });

function describe<Path extends string, Query extends z.ZodObject, Answer extends z.ZodType>(
  path: Path,
  summary: string,
  query: Query,
  answer: Answer,
) {
  return createRoute({
    method: 'get',
    path: `/v1/stats/${path}` as const,
    tags: ['statistics'],
    summary,
    request: { query },
    responses: { 200: json('By event time', answer), ...problems('malformed-request') },
  });
}

const orders = describe('orders', 'Orders, outcomes, revenue', RangeQuery, pointsOf(Orders));
const sagas = describe('sagas', 'How order sagas ended, and how long they took', RangeQuery, pointsOf(Sagas));
const logs = describe('logs', 'Log lines and error rates, by service', LogQuery, pointsOf(Logs));
const activity = describe('activity', 'What users did, and sign-ups', RangeQuery, pointsOf(Activity));
const summary = describe('summary', 'Everything, over the whole range', RangeQuery, Summary);

/** GET /v1/stats/orders, /sagas, /logs, /activity: one point a window; GET /v1/stats/summary: all windows as one. */
export const statsRoutes = defineRoutes('statistics', {
  register(app, { reads: database }) {
    const read = createWindowReader(database);
    const inWindows = (query: z.output<typeof RangeQuery>) => ({ ...rangeOf(query, Date.now()), merged: false });

    app.openapi(orders, async (c) => {
      const range = inWindows(c.req.valid('query'));
      const [counts, amounts] = await Promise.all([read.counts(range, ORDER_MEASURES), read.amounts(range)]);
      const [countsAt, amountsAt] = [byWindow(counts), byWindow(amounts)];
      return c.json(
        answer(range, (at) => ordersIn(countsAt(at), amountsAt(at))),
        200,
      );
    });

    app.openapi(sagas, async (c) => {
      const range = inWindows(c.req.valid('query'));
      const [counts, bins] = await Promise.all([read.counts(range, SAGA_MEASURES), read.bins(range)]);
      const [countsAt, binsAt] = [byWindow(counts), byWindow(bins)];
      return c.json(
        answer(range, (at) => sagasIn(countsAt(at), binsAt(at))),
        200,
      );
    });

    app.openapi(logs, async (c) => {
      const { service, ...query } = c.req.valid('query');
      const range = inWindows(query);
      const countsAt = byWindow(await read.counts(range, ['logs'], service));
      return c.json(
        answer(range, (at) => logsIn(countsAt(at))),
        200,
      );
    });

    app.openapi(activity, async (c) => {
      const range = inWindows(c.req.valid('query'));
      const countsAt = byWindow(await read.counts(range, ['activities', 'signUps']));
      return c.json(
        answer(range, (at) => activityIn(countsAt(at))),
        200,
      );
    });

    app.openapi(summary, async (c) => {
      const range = { ...rangeOf(c.req.valid('query'), Date.now()), merged: true };
      const [counts, amounts, bins, late] = await Promise.all([
        read.counts(range, [...ORDER_MEASURES, 'compensated', 'signUps', 'logs', 'activities']),
        read.amounts(range),
        read.bins(range),
        read.late(range),
      ]);
      const parts = {
        orders: ordersIn(counts, amounts),
        sagas: sagasIn(counts, bins),
        logs: logsIn(counts),
        activity: activityIn(counts),
      };
      return c.json({ ...rangeSaid(range), ...parts, late }, 200);
    });
  },
});

/** One point for each window, in order of time. */
function answer<Point extends object>(range: Range, pointAt: (start: number) => Point) {
  const points = startsOf(range).map((start) => ({ at: new Date(start).toISOString(), ...pointAt(start) }));
  return { ...rangeSaid(range), points };
}

function byWindow<Row extends { readonly at: number }>(rows: readonly Row[]): (start: number) => readonly Row[] {
  const groups = groupBy(rows, ({ at }) => at);
  return (start) => groups.get(start) ?? [];
}

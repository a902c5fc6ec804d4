import { z } from '@hono/zod-openapi';
import { SIZE_NAMES } from '../../pipeline/statistics/windows.ts';

const Count = z.int().nonnegative();
const Rate = z.number().min(0).max(1).optional();
const Time = z.iso.datetime();

const Amounts = z.record(z.string(), z.string()).openapi({
  description: 'Minor units by ISO 4217 code, as text: a sum may be no safe integer',
  example: { EUR: '129900' },
});

export const Orders = z
  .object({
    orders: Count,
    completed: Count,
    rejected: Count,
    cancelled: Count,
    declines: Count,
    refunds: Count,
    revenue: Amounts,
    refunded: Amounts,
  })
  .openapi('OrderStatistics', { description: 'Revenue is what completed; what was refunded is told apart' });

export const Sagas = z
  .object({
    ended: Count,
    completed: Count,
    rejected: Count,
    cancelled: Count,
    compensated: Count,
    compensationRate: Rate.openapi({ description: 'Compensated of those that ended; absent when none did' }),
    durationMs: z
      .object({ count: Count, p50: Count, p95: Count, p99: Count })
      .optional()
      .openapi({ description: 'From order.created to the outcome, by event time; percentiles within 1 %' }),
  })
  .openapi('SagaStatistics');

const Lines = { total: Count, errors: Count.openapi({ description: 'Levels error and fatal' }), errorRate: Rate };

export const Logs = z
  .object({
    ...Lines,
    services: z.array(z.object({ service: z.string(), ...Lines, levels: z.record(z.string(), Count) })),
  })
  .openapi('LogStatistics');

export const Activity = z
  .object({ total: Count, signUps: Count, actions: z.array(z.object({ action: z.string(), count: Count })) })
  .openapi('ActivityStatistics');

const Range = { window: z.enum(SIZE_NAMES), from: Time, to: Time };

/** One point for each window of the range, also for those in which nothing happened. */
export const pointsOf = <Shape extends z.ZodRawShape>(window: z.ZodObject<Shape>) =>
  z.object({ ...Range, points: z.array(z.object({ at: Time, ...window.shape })) });

export const Summary = z
  .object({
    ...Range,
    orders: Orders,
    sagas: Sagas,
    logs: Logs,
    activity: Activity,
    late: z
      .array(z.object({ topic: z.string(), count: Count }))
      .openapi({ description: 'Events that came too late for windows of this size, since the projection began' }),
  })
  .openapi('StatisticsSummary');

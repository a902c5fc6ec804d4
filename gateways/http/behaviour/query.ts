/** Reads of the projection `behaviour`. Days are UTC, weeks begin on Monday. */
import { z } from 'zod';
import type { Database } from 'sagaline';
import { decodeCursor, encodeCursor, POSITION, readProjection } from 'sagaline/http';
import { Prisma } from '../../../prisma/generated/client.ts';
import { DAY_MS, STAGES } from '../../pipeline/behaviour/funnel.ts';

export interface Period {
  /** First and last day, `2026-11-22`. */
  readonly from: string;
  readonly to: string;
}

export type By = 'day' | 'week';

const numberOf = (date: string): number => Date.parse(date) / DAY_MS;
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The first day of the period that a day is in; 1970-01-01 was a Thursday. */
const periodOf = (day: Prisma.Sql, by: By): Prisma.Sql =>
  by === 'day' ? day : Prisma.sql`(floor((${day} + 3) / 7.0) * 7 - 3)::int`;

interface SessionRow {
  readonly startedAt: bigint;
  readonly endedAt: bigint;
  readonly activities: number;
}

export interface SessionFilter {
  readonly userId: string;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** One page of a user's sessions, newest first. */
export async function listSessions(database: Database, { userId, cursor, limit }: SessionFilter) {
  const before = cursor === undefined ? null : decodeCursor(cursor, z.tuple([POSITION.bigint]))[0];
  const rows = await readProjection(
    'behaviour',
    () => database.$queryRaw<SessionRow[]>`
      SELECT "started_at" AS "startedAt", "ended_at" AS "endedAt", "activities" FROM "projection_behaviour"."sessions"
      WHERE "user_id" = ${userId} AND (${before}::bigint IS NULL OR "ended_at" < ${before}::bigint)
      ORDER BY "ended_at" DESC LIMIT ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map(({ startedAt, endedAt, activities }) => ({
      ...{ startedAt: timeOf(startedAt), endedAt: timeOf(endedAt) },
      ...{ durationMs: Number(endedAt - startedAt), activities },
    })),
    ...(last ? { nextCursor: encodeCursor([String(last.endedAt)]) } : {}),
  };
}

/** Any time that an event may have, also beyond the years of four digits. */
const timeOf = (ms: bigint): string => new Date(Number(ms)).toISOString();

interface FunnelRow {
  readonly period: number;
  readonly viewed: number;
  readonly added: number;
  readonly ordered: number;
  readonly paid: number;
}

/** Users who came that far within a period: a stage counts only those who were at every stage before it. */
export async function readFunnel(database: Database, { from, to, by }: Period & { by: By }) {
  const [first, last] = [numberOf(from), numberOf(to)];
  const [begin, end] = [first * DAY_MS, (last + 1) * DAY_MS];
  const reached = (...stages: readonly number[]) => {
    const all = stages.reduce((bits, stage) => bits | stage, 0);
    return Prisma.sql`count(*) FILTER (WHERE "stages" & ${all}::int = ${all}::int)::int`;
  };
  const { viewed, added, ordered, paid } = STAGES;
  const rows = await readProjection(
    'behaviour',
    () => database.$queryRaw<FunnelRow[]>`
      WITH "did" AS (
        SELECT "day", "user_id", "stages"::int FROM "projection_behaviour"."user_days"
        WHERE "day" BETWEEN ${first}::int AND ${last}::int AND "stages" > 0
        UNION ALL SELECT ("ordered_at" / ${DAY_MS}::bigint)::int, "user_id", ${ordered}::int
        FROM "projection_behaviour"."orders" WHERE "ordered_at" >= ${begin}::bigint AND "ordered_at" < ${end}::bigint
        UNION ALL SELECT ("paid_at" / ${DAY_MS}::bigint)::int, "user_id", ${paid}::int
        FROM "projection_behaviour"."orders"
        WHERE "paid_at" >= ${begin}::bigint AND "paid_at" < ${end}::bigint AND "user_id" IS NOT NULL
      ), "users" AS (
        SELECT ${periodOf(Prisma.sql`"day"`, by)} AS "period", bit_or("stages") AS "stages" FROM "did" GROUP BY 1, "user_id"
      )
      SELECT "period", ${reached(viewed)} AS "viewed", ${reached(viewed, added)} AS "added",
        ${reached(viewed, added, ordered)} AS "ordered", ${reached(viewed, added, ordered, paid)} AS "paid"
      FROM "users" GROUP BY 1 ORDER BY 1`,
  );
  return { items: rows.map(({ period, ...counts }) => ({ from: dateOf(period), ...counts })) };
}

/** How many users were active; those of a week are counted once. */
export async function readActiveUsers(database: Database, { from, to, by }: Period & { by: By }) {
  const rows = await readProjection(
    'behaviour',
    () => database.$queryRaw<{ period: number; users: number; activities: bigint }[]>`
      SELECT ${periodOf(Prisma.sql`"day"`, by)} AS "period", count(DISTINCT "user_id")::int AS "users",
        sum("activities")::bigint AS "activities"
      FROM "projection_behaviour"."user_days" WHERE "day" BETWEEN ${numberOf(from)}::int AND ${numberOf(to)}::int
      GROUP BY 1 ORDER BY 1`,
  );
  return {
    items: rows.map(({ period, users, activities }) => ({
      ...{ from: dateOf(period), users },
      activities: Number(activities),
    })),
  };
}

/** The pages with the most activities. */
export async function readTopPages(database: Database, { from, to, limit }: Period & { limit: number }) {
  const rows = await readProjection(
    'behaviour',
    () => database.$queryRaw<{ page: string; activities: bigint }[]>`
      SELECT "page", sum("activities")::bigint AS "activities" FROM "projection_behaviour"."pages"
      WHERE "day" BETWEEN ${numberOf(from)}::int AND ${numberOf(to)}::int
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${limit}`,
  );
  return { items: rows.map(({ page, activities }) => ({ page, activities: Number(activities) })) };
}

/** What else is in orders that have this article, most often first. */
export async function readRecommendations(database: Database, { sku, limit }: { sku: string; limit: number }) {
  const items = await readProjection(
    'behaviour',
    () => database.$queryRaw<{ sku: string; orders: number }[]>`
      SELECT "other" AS "sku", "orders" FROM "projection_behaviour"."pairs"
      WHERE "sku" = ${sku} ORDER BY "orders" DESC, "other" LIMIT ${limit}`,
  );
  return { items };
}

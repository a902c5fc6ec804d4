/** Reads of the projection `logs`. */
import { z } from 'zod';
import type { Database } from 'sagaline';
import { decodeCursor, encodeCursor, pageOf, POSITION, readProjection, type Sized, withinBytes } from 'sagaline/http';
import { Id } from 'sagaline/workflow';
import { Prisma } from '../../../prisma/generated/client.ts';
import { LEVELS, SEVERITY, type Level } from '../../pipeline/logs/levels.ts';

interface TimeRange {
  /** RFC 3339; the end does not belong to it. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface LineFilter extends TimeRange {
  readonly service?: string | undefined;
  /** This level and above. */
  readonly level?: Level | undefined;
  readonly traceId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface LineRow extends Sized {
  readonly at: bigint;
  readonly partition: number;
  readonly offset: bigint;
  readonly service: string;
  readonly level: number;
  readonly message: string;
  readonly traceId: string | null;
  readonly attributes: Record<string, string | number | boolean> | null;
}

/** One page of log lines, newest first. */
export async function listLines(database: Database, filter: LineFilter) {
  const { service, level, traceId, cursor, limit } = filter;
  const where = whereOf([
    service !== undefined && Prisma.sql`"service" = ${service}`,
    level !== undefined && Prisma.sql`"level" >= ${SEVERITY[level]}`,
    traceId !== undefined && Prisma.sql`"trace_id" = ${traceId}`,
    ...rangeOf(Prisma.sql`"at"`, filter),
    cursor !== undefined && before(cursor),
  ]);
  const order = Prisma.sql`"at" DESC, "partition" DESC, "offset" DESC`;
  const lines = Prisma.sql`
    SELECT "at", "partition", "offset", "service", "level", "message", "trace_id" AS "traceId", "attributes",
      (200 + octet_length("message") + coalesce(octet_length("attributes"::TEXT), 0))::BIGINT AS "size"
    FROM "projection_logs"."lines" ${where} ORDER BY ${order} LIMIT ${limit + 1}`;
  const rows = await readProjection('logs', () => database.$queryRaw<LineRow[]>(withinBytes({ rows: lines, order })));
  const { page, last } = pageOf(rows, limit);
  return {
    items: page.map(lineOf),
    ...(last ? { nextCursor: encodeCursor([last.at, last.partition, last.offset].map(String)) } : {}),
  };
}

function lineOf({ at, service, level, message, traceId, attributes }: LineRow) {
  return {
    ...{ at: timeOf(at), service, message },
    level: LEVELS.find((name) => SEVERITY[name] === level) ?? 'info',
    ...(traceId === null ? {} : { traceId }),
    ...(attributes === null ? {} : { attributes }),
  };
}

function before(cursor: string): Prisma.Sql {
  const [at, partition, offset] = decodeCursor(cursor, z.tuple([POSITION.bigint, POSITION.int, POSITION.bigint]));
  return Prisma.sql`("at", "partition", "offset") < (${at}::bigint, ${partition}::int, ${offset}::bigint)`;
}

interface BurstRow {
  readonly service: string;
  readonly startedAt: bigint;
  readonly endedAt: bigint;
  readonly errors: bigint;
}

export interface BurstFilter extends TimeRange {
  readonly service?: string | undefined;
  readonly limit: number;
}

/** Bursts of errors, the latest first, with what was counted from their begin to their end. */
export async function listBursts(database: Database, filter: BurstFilter) {
  const { service, limit } = filter;
  const where = whereOf([
    service !== undefined && Prisma.sql`"service" = ${service}`,
    ...rangeOf(Prisma.sql`"ended_at"`, filter),
  ]);
  const rows = await readProjection(
    'logs',
    () => database.$queryRaw<BurstRow[]>`
      SELECT "service", "started_at" AS "startedAt", "ended_at" AS "endedAt", (
        SELECT coalesce(sum("errors"), 0)::bigint FROM "projection_logs"."error_counts" AS "counted"
        WHERE "counted"."service" = "burst"."service"
          AND "counted"."tenth" >= "burst"."started_at" AND "counted"."tenth" < "burst"."ended_at"
      ) AS "errors"
      FROM "projection_logs"."bursts" AS "burst" ${where} ORDER BY "ended_at" DESC, "service" LIMIT ${limit}`,
  );
  return {
    items: rows.map(({ startedAt, endedAt, errors, ...rest }) => ({
      ...{ ...rest, startedAt: timeOf(startedAt), endedAt: timeOf(endedAt) },
      errors: Number(errors),
    })),
  };
}

interface ServiceRow {
  readonly service: string;
  readonly firstAt: bigint;
  readonly lastAt: bigint;
  readonly lines: bigint;
  readonly errors: bigint;
}

/** One page of the services that ever logged, by name, with their totals. */
export async function listServices(
  database: Database,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  const where = whereOf([cursor !== undefined && Prisma.sql`"service" > ${decodeCursor(cursor, z.tuple([Id]))[0]}`]);
  const rows = await readProjection(
    'logs',
    () => database.$queryRaw<ServiceRow[]>`
      SELECT "service", "first_at" AS "firstAt", "last_at" AS "lastAt", "lines", "errors"
      FROM "projection_logs"."services" ${where} ORDER BY "service" LIMIT ${limit + 1}`,
  );
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map(({ service, firstAt, lastAt, lines, errors }) => ({
      ...{ service, firstAt: timeOf(firstAt), lastAt: timeOf(lastAt) },
      ...{ lines: Number(lines), errors: Number(errors) },
    })),
    ...(last ? { nextCursor: encodeCursor([last.service]) } : {}),
  };
}

const timeOf = (ms: bigint): string => new Date(Number(ms)).toISOString();

function rangeOf(column: Prisma.Sql, { from, to }: TimeRange): (Prisma.Sql | false)[] {
  return [
    from !== undefined && Prisma.sql`${column} >= ${Date.parse(from)}::bigint`,
    to !== undefined && Prisma.sql`${column} < ${Date.parse(to)}::bigint`,
  ];
}

function whereOf(conditions: readonly (Prisma.Sql | false)[]): Prisma.Sql {
  const given = conditions.filter((condition) => condition !== false);
  return given.length > 0 ? Prisma.sql`WHERE ${Prisma.join(given, ' AND ')}` : Prisma.empty;
}

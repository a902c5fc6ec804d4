import { z } from 'zod';
import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import { dayNamed } from '../../pipeline/archive/partitions.ts';
import { POSITION, decodeCursor, encodeCursor } from '../pages/cursor.ts';
import { PAGE_BYTES, withinBytes, type Sized } from '../pages/page-bytes.ts';
import { readProjection } from '../projection-reads.ts';
import { windowsOf, type TimeWindow } from './windows.ts';

export interface RecordedFilter {
  readonly key?: string | undefined;
  readonly type?: string | undefined;
  /** Record time, inclusive. */
  readonly from?: Date | undefined;
  /** Record time, exclusive. */
  readonly to?: Date | undefined;
  readonly order: 'newest' | 'oldest';
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface Row extends Sized {
  readonly recordTime: Date;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly type: string;
  readonly key: string | null;
  readonly rawKey: Uint8Array | null;
  readonly eventId: string | null;
  readonly eventTime: Date;
  readonly traceparent: string | null;
  /** JSON, as it came. */
  readonly payload: string | null;
  readonly rawValue: Uint8Array | null;
  readonly headers: Record<string, string | string[]> | null;
  readonly fault: string | null;
  readonly faultPath: string | null;
  readonly faultMessage: string | null;
}

const Position = z.tuple([POSITION.time, POSITION.text, POSITION.int, POSITION.natural]);
type Position = z.infer<typeof Position>;

/**
 * One page of the archive, as JSON. Records that come while somebody pages never move those that were there. Payloads are put into
 * it as they came: JavaScript cannot hold every number that JSON has, and would give back another one.
 */
export async function listRecordedEvents(database: Database, filter: RecordedFilter): Promise<string> {
  const { limit, order, cursor } = filter;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, Position);
  const { rows, more } = await readProjection('archive', () => readRows(database, filter, after));
  const page = rows.slice(0, limit);
  const last = more || rows.length > limit ? page.at(-1) : undefined;
  const end = last ? `,"nextCursor":${JSON.stringify(encodeCursor(positionOf(last)))}` : '';
  return `{"order":"${order}","items":[${page.map(jsonOf).join(',')}]${end}}`;
}

/**
 * A few partitions a query: one over years of them would lock, and plan, every one. Reads one row more than a page has, or fewer
 * and says so, when they are large.
 */
async function readRows(database: Database, filter: RecordedFilter, after: Position | undefined) {
  const partitions = await database.$queryRaw<{ name: string }[]>`
    SELECT "relname" AS "name" FROM "pg_inherits" JOIN "pg_class" ON "pg_class"."oid" = "inhrelid"
    WHERE "inhparent" = '"projection_archive"."events"'::regclass ORDER BY 1`;
  const range = rangeOf(filter, after);
  const rows: Row[] = [];
  let bytes = PAGE_BYTES;
  for (const window of windowsOf(
    partitions.map(({ name }) => dayNamed(name)),
    filter.order,
    range,
  )) {
    const limit = filter.limit + 1 - rows.length;
    const found = await readWindow(database, filter, window, after, { limit, bytes });
    for (const row of found) {
      if (rows.length > 0 && Number(row.size) > bytes) return { rows, more: true };
      rows.push(row);
      bytes -= Number(row.size);
    }
    if (bytes <= 0 || Number(found[0]?.found ?? 0) > found.length) return { rows, more: true };
    if (rows.length > filter.limit) break;
  }
  return { rows, more: false };
}

/** What is asked for, and of that only what the cursor leaves. */
function rangeOf({ from, to, order }: RecordedFilter, after: Position | undefined): TimeWindow {
  const at = after && Date.parse(after[0]);
  const [lower, upper] = [from?.getTime(), to?.getTime()];
  if (at === undefined) return { from: lower, to: upper };
  return order === 'oldest'
    ? { from: Math.max(at, lower ?? at), to: upper }
    : { from: lower, to: Math.min(at + 1, upper ?? at + 1) };
}

function readWindow(
  database: Database,
  { key, type, order }: RecordedFilter,
  { from, to }: TimeWindow,
  after: Position | undefined,
  { limit, bytes }: { readonly limit: number; readonly bytes: number },
): Promise<Row[]> {
  const conditions = [
    from !== undefined && Prisma.sql`"record_time" >= ${new Date(from)}`,
    to !== undefined && Prisma.sql`"record_time" < ${new Date(to)}`,
    key !== undefined && Prisma.sql`"key" = ${key}`,
    type !== undefined && Prisma.sql`"type" = ${type}`,
    after && beyond(after, order),
  ].filter((condition) => condition !== false && condition !== undefined);
  const where = conditions.length > 0 ? Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}` : Prisma.empty;
  const direction = order === 'newest' ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const rows = Prisma.sql`
    SELECT ${SIZE} AS "size", "record_time" AS "recordTime", "topic", "partition", "offset", "type", "key", "raw_key" AS "rawKey",
      "event_id" AS "eventId", "event_time" AS "eventTime", "traceparent", "payload"::TEXT AS "payload",
      "raw_value" AS "rawValue", "headers", "fault", "fault_path" AS "faultPath", "fault_message" AS "faultMessage"
    FROM "projection_archive"."recorded" ${where}
    ORDER BY "record_time" ${direction}, "topic" ${direction}, "partition" ${direction}, "offset" ${direction}
    LIMIT ${limit}`;
  const by = Prisma.sql`"recordTime" ${direction}, "topic" ${direction}, "partition" ${direction}, "offset" ${direction}`;
  return database.$queryRaw<Row[]>(withinBytes({ rows, order: by, bytes }));
}

/** Of what may be large, and of what comes as base64 with that. */
const SIZE = Prisma.sql`(300 + coalesce(octet_length("payload"::TEXT), 0) + coalesce(octet_length("raw_value"), 0) * 4 / 3
  + coalesce(octet_length("headers"::TEXT), 0) + coalesce(octet_length("raw_key"), 0) * 4 / 3
  + coalesce(octet_length("key"), 0))::BIGINT`;

function beyond([time, topic, partition, offset]: Position, order: RecordedFilter['order']): Prisma.Sql {
  const position = Prisma.sql`(${new Date(time)}, ${topic}, ${Number(partition)}::INT, ${BigInt(offset)}::BIGINT)`;
  const operator = order === 'newest' ? Prisma.sql`<` : Prisma.sql`>`;
  return Prisma.sql`("record_time", "topic", "partition", "offset") ${operator} ${position}`;
}

const positionOf = ({ recordTime, topic, partition, offset }: Row): Position => {
  return [recordTime.toISOString(), topic, String(partition), String(offset)];
};

function itemOf(row: Row) {
  const { topic, partition, offset, type, fault, faultPath, faultMessage } = row;
  return {
    ...{ topic, partition, offset: String(offset), type },
    recordTime: row.recordTime.toISOString(),
    eventTime: row.eventTime.toISOString(),
    ...(row.key === null ? {} : { key: row.key }),
    ...(row.rawKey === null ? {} : { keyBytes: base64(row.rawKey) }),
    ...(row.eventId === null ? {} : { eventId: row.eventId }),
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    ...(row.rawValue === null ? {} : { payloadBytes: base64(row.rawValue) }),
    ...(row.headers === null ? {} : { headers: row.headers }),
    ...(fault === null ? {} : { fault: { reason: fault, path: faultPath ?? '', message: faultMessage ?? '' } }),
  };
}

function jsonOf(row: Row): string {
  const item = JSON.stringify(itemOf(row));
  return row.payload === null ? item : `${item.slice(0, -1)},"payload":${row.payload}}`;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

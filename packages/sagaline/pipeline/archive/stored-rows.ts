import type { ProjectionTransaction } from '../runtime/projection.ts';
import type { ArchivedRow } from './archived-row.ts';
import { daysAfter } from './day.ts';
import type { RowFilter } from './segments/read-part.ts';

/** Offsets of one partition: from (inclusive) to (exclusive). */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: string;
  readonly to: string;
}

interface StoredRow extends Omit<ArchivedRow, 'recordTime' | 'eventTime'> {
  /** ms, as text: nothing between here and there has an opinion about numbers. */
  readonly recordTime: string;
  readonly eventTime: string;
}

const ROWS_AT_ONCE = 2_000;

const msOf = (column: string): string => `(extract(epoch FROM "row"."${column}") * 1000)::BIGINT`;

const ROW = `
  ${msOf('record_time')} AS "recordTime", "row"."topic", "row"."partition", "row"."offset", "type", "key", "raw_key" AS "rawKey",
  "event_id" AS "eventId", ${msOf('event_time')} AS "eventTime", "traceparent", "payload"::TEXT, "raw_value" AS "rawValue",
  "headers"::TEXT, "fault", "fault_path" AS "faultPath", "fault_message" AS "faultMessage"`;

const CURSOR = `
  DECLARE "stored_rows" NO SCROLL CURSOR FOR
  SELECT ${ROW} FROM "recorded" AS "row"
  JOIN unnest($1::TEXT[], $2::INT[], $3::BIGINT[], $4::BIGINT[]) AS "range" ("topic", "partition", "from", "to")
    ON "row"."topic" = "range"."topic" AND "row"."partition" = "range"."partition"
    AND "row"."offset" >= "range"."from" AND "row"."offset" < "range"."to"
  WHERE "record_time" >= to_timestamp($5::FLOAT8 / 1000) AND "record_time" < to_timestamp($6::FLOAT8 / 1000)
    AND ($7::TEXT IS NULL OR "type" = $7) AND ($8::TEXT IS NULL OR "key" = $8)
  ORDER BY "record_time", "row"."topic" COLLATE "C", "row"."partition", "row"."offset"`;

/** Rows of a day, within these offsets, oldest first; a few at a time, however many there are. One such reading a transaction. */
export async function* storedRows(
  tx: Pick<ProjectionTransaction, 'query'>,
  { from, to, type, key }: RowFilter & { readonly from: number; readonly to: number },
  ranges: readonly OffsetRange[],
): AsyncGenerator<ArchivedRow> {
  await tx.query(CURSOR, [
    ...[ranges.map((range) => range.topic), ranges.map((range) => range.partition)],
    ...[ranges.map((range) => range.from), ranges.map((range) => range.to)],
    ...[from, to, type ?? null, key ?? null],
  ]);
  try {
    for (;;) {
      const rows = await tx.query<StoredRow>(`FETCH ${ROWS_AT_ONCE} FROM "stored_rows"`);
      for (const row of rows) {
        yield { ...row, recordTime: Number(row.recordTime), eventTime: Number(row.eventTime) };
      }
      if (rows.length < ROWS_AT_ONCE) return;
    }
  } finally {
    await tx.query('CLOSE "stored_rows"');
  }
}

/** What the tables have, or had, of a day: by partition, the rows and the offset after the last one; and where the tables are. */
export interface DayPosition {
  readonly topic: string;
  readonly partition: number;
  readonly rows: string;
  readonly last: string;
  readonly next: string;
}

export function positionsOf(tx: Pick<ProjectionTransaction, 'query'>, day: string): Promise<DayPosition[]> {
  return tx.query<DayPosition>(
    `SELECT "topic", "partition", "rows", "last_offset" AS "last", "next_offset" AS "next"
     FROM "days" JOIN "offsets" USING ("topic", "partition") WHERE "day" = $1 ORDER BY 1, 2`,
    [day],
  );
}

/** Every day of which something was ever recorded, oldest first, and how many rows. */
export function recordedDays(
  tx: Pick<ProjectionTransaction, 'query'>,
): Promise<{ readonly day: string; readonly rows: string }[]> {
  return tx.query(`SELECT "day"::TEXT AS "day", sum("rows") AS "rows" FROM "days" GROUP BY 1 ORDER BY 1`);
}

/** A day's rows that the files do not have, by a position up to which they have all. */
export async function hasRowsBeyond(
  tx: Pick<ProjectionTransaction, 'query'>,
  day: string,
  upTo: readonly { readonly topic: string; readonly partition: number; readonly offset: string }[],
): Promise<boolean> {
  const rows = await tx.query(
    `SELECT FROM "recorded" AS "row"
     LEFT JOIN unnest($1::TEXT[], $2::INT[], $3::BIGINT[]) AS "done" ("topic", "partition", "up_to")
       ON "row"."topic" = "done"."topic" AND "row"."partition" = "done"."partition"
     WHERE "record_time" >= $4::TIMESTAMPTZ AND "record_time" < $5::TIMESTAMPTZ
       AND "offset" >= COALESCE("up_to", 0) LIMIT 1`,
    [
      ...[upTo.map((one) => one.topic), upTo.map((one) => one.partition), upTo.map((one) => one.offset)],
      ...[`${day} 00:00Z`, `${daysAfter(day)} 00:00Z`],
    ],
  );
  return rows.length > 0;
}

import { bigintArray, byteaArray, doubleArray, jsonArray, textArray } from '../runtime/binary-array.ts';
import type { ProjectionTransaction } from '../runtime/projection.ts';
import type { ArchivedRow } from './archived-row.ts';
import { DAY_MS, dayOf } from './day.ts';

type Table = 'events' | 'strays';

/** COPY was a seventh faster, and is no statement that a projection's transaction has. */
const insertInto = (table: Table) => `
  INSERT INTO "${table}" (
    "topic", "partition", "record_time", "offset", "type", "key", "raw_key", "event_id", "event_time", "traceparent",
    "payload", "raw_value", "headers", "fault", "fault_path", "fault_message"
  )
  SELECT $1::TEXT, $2::INT, to_timestamp("time" / 1000), "offset", "type", "key", "raw_key", "event_id",
    to_timestamp("event_time" / 1000), "traceparent", "payload", "raw_value", "headers", "fault", "path", "message"
  FROM unnest(
    $3::FLOAT8[], $4::BIGINT[], $5::TEXT[], $6::TEXT[], $7::BYTEA[], $8::TEXT[], $9::FLOAT8[], $10::TEXT[],
    $11::JSON[], $12::BYTEA[], $13::JSON[], $14::TEXT[], $15::TEXT[], $16::TEXT[]
  ) AS "row" ("time", "offset", "type", "key", "raw_key", "event_id", "event_time", "traceparent",
    "payload", "raw_value", "headers", "fault", "path", "message")`;

const INSERT: Readonly<Record<Table, string>> = { events: insertInto('events'), strays: insertInto('strays') };

const COUNT = `
  INSERT INTO "days" ("day", "topic", "partition", "rows", "last_offset")
  SELECT "day", $1::TEXT, $2::INT, "rows", "last_offset"
  FROM unnest($3::DATE[], $4::BIGINT[], $5::BIGINT[]) AS "row" ("day", "rows", "last_offset") ORDER BY 1
  ON CONFLICT ("day", "topic", "partition") DO UPDATE
  SET "rows" = "days"."rows" + EXCLUDED."rows", "last_offset" = EXCLUDED."last_offset"`;

/** @param rows of one partition, in the order of offsets */
export async function writeRows(tx: ProjectionTransaction, table: Table, rows: readonly ArchivedRow[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  await tx.query(INSERT[table], [first.topic, first.partition, ...columnsOf(rows)]);
}

/** A function for each column: one for all, by name, would be slower than the rest of the archive. */
const columnsOf = (rows: readonly ArchivedRow[]) => [
  doubleArray(rows.map((row) => row.recordTime)),
  bigintArray(rows.map((row) => row.offset)),
  textArray(rows.map((row) => row.type)),
  textArray(rows.map((row) => row.key)),
  byteaArray(rows.map((row) => row.rawKey)),
  textArray(rows.map((row) => row.eventId)),
  doubleArray(rows.map((row) => row.eventTime)),
  textArray(rows.map((row) => row.traceparent)),
  jsonArray(rows.map((row) => row.payload)),
  byteaArray(rows.map((row) => row.rawValue)),
  jsonArray(rows.map((row) => row.headers)),
  textArray(rows.map((row) => row.fault)),
  textArray(rows.map((row) => row.faultPath)),
  textArray(rows.map((row) => row.faultMessage)),
];

/** @param rows of one partition, in the order of offsets */
export async function countDays(tx: ProjectionTransaction, rows: readonly ArchivedRow[]): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const days = new Map<string, { rows: number; last: string }>();
  for (const [day, of] of byDay(rows)) days.set(day, { rows: of.length, last: of.at(-1)?.offset ?? '0' });
  const counted = [...days.values()];
  await tx.query(COUNT, [
    ...[first.topic, first.partition, [...days.keys()]],
    ...[counted.map((one) => one.rows), counted.map((one) => one.last)],
  ]);
}

/** Rows by their day, in their order. */
export function byDay(rows: readonly ArchivedRow[]): Map<string, ArchivedRow[]> {
  // By number first: a date is not made for every row.
  const days = new Map<number, ArchivedRow[]>();
  for (const row of rows) {
    const day = Math.floor(row.recordTime / DAY_MS);
    const known = days.get(day);
    if (known) known.push(row);
    else days.set(day, [row]);
  }
  return new Map([...days].map(([day, of]) => [dayOf(day * DAY_MS), of]));
}

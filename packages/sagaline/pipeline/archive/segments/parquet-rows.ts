/** Rows as Parquet columns and back. Text stays text: a payload comes out as the producer wrote it. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ParquetRow, SchemaElement } from 'hyparquet';
import type { BasicType, ColumnSource } from 'hyparquet-writer';
import { schemaFromColumnData } from 'hyparquet-writer';
import type { ArchivedRow } from '../archived-row.ts';

interface Column {
  readonly name: string;
  readonly type: BasicType;
  readonly nullable: boolean;
  valueOf(row: ArchivedRow): unknown;
}

const required = (name: string, type: BasicType, valueOf: Column['valueOf']): Column => ({
  ...{ name, type, valueOf },
  nullable: false,
});
const optional = (name: string, type: BasicType, valueOf: Column['valueOf']): Column => ({
  ...{ name, type, valueOf },
  nullable: true,
});

const COLUMNS: readonly Column[] = [
  required('record_time', 'TIMESTAMP', (row) => new Date(row.recordTime)),
  required('topic', 'STRING', (row) => row.topic),
  required('partition', 'INT32', (row) => row.partition),
  required('offset', 'INT64', (row) => BigInt(row.offset)),
  required('type', 'STRING', (row) => row.type),
  optional('key', 'STRING', (row) => row.key),
  optional('raw_key', 'BYTE_ARRAY', (row) => row.rawKey),
  optional('event_id', 'STRING', (row) => row.eventId),
  required('event_time', 'TIMESTAMP', (row) => new Date(row.eventTime)),
  optional('traceparent', 'STRING', (row) => row.traceparent),
  optional('payload', 'STRING', (row) => row.payload),
  optional('raw_value', 'BYTE_ARRAY', (row) => row.rawValue),
  optional('headers', 'STRING', (row) => row.headers),
  optional('fault', 'STRING', (row) => row.fault),
  optional('fault_path', 'STRING', (row) => row.faultPath),
  optional('fault_message', 'STRING', (row) => row.faultMessage),
];

/** By these, whole row groups are passed over when somebody asks for one key. */
const SOUGHT = new Set(['key', 'event_id']);

/** Half the size of snappy, which is all that comes with the library, and read by every tool. */
export const CODEC = 'GZIP';
export const compressors = { GZIP: (bytes: Uint8Array): Uint8Array => gzipSync(bytes) };
export const decompressors = { GZIP: (bytes: Uint8Array): Uint8Array => gunzipSync(bytes) };

export function columnsOf(rows: readonly ArchivedRow[]): ColumnSource[] {
  return COLUMNS.map((column) => ({
    ...{ name: column.name, type: column.type, nullable: column.nullable },
    data: rows.map((row) => column.valueOf(row)),
    ...(SOUGHT.has(column.name) && { bloomFilter: true }),
  }));
}

/** By the older TIMESTAMP_MILLIS alone, a reader takes an instant for the clock on its own wall: in Seoul nine hours off. */
const INSTANT = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } as const;

export const PARQUET_SCHEMA: SchemaElement[] = schemaFromColumnData({ columnData: columnsOf([]) }).map((element) =>
  element.converted_type === 'TIMESTAMP_MILLIS' ? { ...element, logical_type: INSTANT } : element,
);

/** @param row read with `utf8: false`, so that bytes are bytes */
export function rowOf(row: ParquetRow): ArchivedRow {
  const value = row as Record<string, unknown>;
  return {
    recordTime: (value.record_time as Date).getTime(),
    topic: value.topic as string,
    partition: value.partition as number,
    offset: String(value.offset),
    type: value.type as string,
    key: textOf(value.key),
    rawKey: bytesOf(value.raw_key),
    eventId: textOf(value.event_id),
    eventTime: (value.event_time as Date).getTime(),
    traceparent: textOf(value.traceparent),
    payload: textOf(value.payload),
    rawValue: bytesOf(value.raw_value),
    headers: textOf(value.headers),
    fault: textOf(value.fault),
    faultPath: textOf(value.fault_path),
    faultMessage: textOf(value.fault_message),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const bytesOf = (value: unknown): Buffer | null => (value instanceof Uint8Array ? Buffer.from(value) : null);

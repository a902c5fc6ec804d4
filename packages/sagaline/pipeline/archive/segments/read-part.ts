import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type ParquetQueryFilter } from 'hyparquet';
import type { ArchivedRow } from '../archived-row.ts';
import { decompressors, rowOf } from './parquet-rows.ts';

/** What to read: records of [from, to), in ms, of one type, of one key; what is left out does not matter. */
export interface RowFilter {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly type?: string | undefined;
  readonly key?: string | undefined;
}

/** The rows of one file in their order. One row group is in memory at a time, and those that cannot match are not read. */
export async function* readPart(path: string, filter: RowFilter = {}): AsyncGenerator<ArchivedRow> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const wanted = queryOf(filter);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parquetReadObjects({
      ...{ file, metadata, rowStart, rowEnd, utf8: false, useBloomFilters: true, compressors: decompressors },
      ...(wanted && { filter: wanted }),
    });
    for (const row of rows) yield rowOf(row);
    rowStart = rowEnd;
  }
}

function queryOf({ from, to, type, key }: RowFilter): ParquetQueryFilter | undefined {
  const conditions: ParquetQueryFilter[] = [
    ...(from === undefined ? [] : [{ record_time: { $gte: new Date(from) } }]),
    ...(to === undefined ? [] : [{ record_time: { $lt: new Date(to) } }]),
    ...(type === undefined ? [] : [{ type: { $eq: type } }]),
    ...(key === undefined ? [] : [{ key: { $eq: key } }]),
  ];
  return conditions.length > 0 ? { $and: conditions } : undefined;
}

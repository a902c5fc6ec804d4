import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ParquetWriter, fileWriter } from 'hyparquet-writer';
import type { ArchivedRow } from '../archived-row.ts';
import { createDigest, sha256Of } from './digest.ts';
import { directoryOf, moveDurably, type Part } from './manifest.ts';
import { CODEC, PARQUET_SCHEMA, columnsOf, compressors } from './parquet-rows.ts';
import { readPart } from './read-part.ts';

/** What was read back is not what was written: the file is not to be trusted, and nothing may be dropped for it. */
export class PartDamaged extends Error {
  override readonly name = 'PartDamaged';
  constructor(path: string) {
    super(
      `${path} does not read back as it was written: the disk, or a library, is at fault; the rows stay in PostgreSQL`,
    );
  }
}

/** A row group is what a reader, and this writer, holds in memory, and what keeps the process busy at a stretch. */
const GROUP_ROWS = 10_000;
const GROUP_BYTES = 8 * 1024 * 1024;

/**
 * Writes one file, reads it back, compares, and only then gives it its name.
 *
 * @param rows at least one, in the order of their times
 * @throws PartDamaged
 */
export async function writePart(
  archive: string,
  day: string,
  file: string,
  rows: AsyncIterable<ArchivedRow>,
): Promise<Part> {
  const directory = directoryOf(archive, day);
  const unfinished = join(directory, `${file}.tmp`);
  const { digest, ...part } = await write(unfinished, rows);
  await syncFile(unfinished);
  if ((await digestOf(unfinished)) !== digest) throw new PartDamaged(unfinished);
  const [{ size }, sha256] = await Promise.all([stat(unfinished), sha256Of(unfinished)]);
  await moveDurably(unfinished, join(directory, file), directory);
  return { file, bytes: size, sha256, ...part };
}

async function write(path: string, rows: AsyncIterable<ArchivedRow>) {
  const writer = new ParquetWriter({
    ...{ writer: fileWriter(path), schema: PARQUET_SCHEMA, codec: CODEC, compressors, createdBy: 'sagaline' },
  });
  const summary = createSummary();
  const digest = createDigest();
  let group: ArchivedRow[] = [];
  let bytes = 0;
  const flush = async () => {
    if (group.length > 0) await writer.write({ columnData: columnsOf(group), rowGroupSize: group.length });
    [group, bytes] = [[], 0];
  };
  for await (const row of rows) {
    summary.add(row);
    digest.add(row);
    group.push(row);
    bytes += (row.payload?.length ?? 0) + (row.rawValue?.length ?? 0) + 200;
    if (group.length >= GROUP_ROWS || bytes >= GROUP_BYTES) await flush();
  }
  await flush();
  await writer.finish();
  return { ...summary.value(), digest: digest.value() };
}

function createSummary() {
  const positions = new Map<string, { topic: string; partition: number; rows: number; min: bigint; max: bigint }>();
  let rows = 0;
  let first = 0;
  let last = 0;
  return {
    add({ topic, partition, offset, recordTime }: ArchivedRow): void {
      if (rows === 0) first = recordTime;
      last = recordTime;
      rows += 1;
      const place = `${topic}/${partition}`;
      const at = BigInt(offset);
      const known = positions.get(place) ?? { topic, partition, rows: 0, min: at, max: at };
      const [min, max] = [at < known.min ? at : known.min, at > known.max ? at : known.max];
      positions.set(place, { ...known, rows: known.rows + 1, min, max });
    },
    value: () => ({
      rows,
      minTime: new Date(first).toISOString(),
      maxTime: new Date(last).toISOString(),
      positions: [...positions.values()].map(({ min, max, ...one }) => ({
        ...one,
        minOffset: String(min),
        maxOffset: String(max),
      })),
    }),
  };
}

async function digestOf(path: string): Promise<string> {
  const digest = createDigest();
  for await (const row of readPart(path)) digest.add(row);
  return digest.value();
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

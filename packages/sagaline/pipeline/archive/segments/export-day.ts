import type { ProjectionTransaction } from '../../runtime/projection.ts';
import type { ArchivedRow } from '../archived-row.ts';
import { daysAfter, startOf } from '../day.ts';
import { positionsOf, storedRows, type DayPosition, type OffsetRange } from '../stored-rows.ts';
import {
  SCHEMA_VERSION,
  partName,
  prepareDirectory,
  readManifest,
  writeManifest,
  type Manifest,
  type Part,
} from './manifest.ts';
import { writePart } from './write-part.ts';

/** Rows of one file: what a reader of a day may want to take in parallel, and small enough to copy. */
const PART_ROWS = 1_000_000;

export interface Exported {
  readonly day: string;
  /** Rows that were written by this call; 0 when the files had them all. */
  readonly rows: number;
  readonly files: readonly string[];
}

/**
 * Writes what the files of a day do not have yet into one more file, or several. Idempotent: what a manifest names is there and
 * was read back, and what comes later for the same day goes into further files. Hold EXPORT_LOCK.
 *
 * @throws ManifestUnreadable, PartDamaged, and what disk and database say
 */
export async function exportDay(
  tx: Pick<ProjectionTransaction, 'query'>,
  archive: string,
  day: string,
): Promise<Exported> {
  const known = await readManifest(archive, day);
  const positions = await positionsOf(tx, day);
  const ranges = positions.map((position) => rangeOf(position, known));
  if (!ranges.some(({ from }, index) => BigInt(positions[index]?.last ?? 0) >= BigInt(from))) {
    return { day, rows: 0, files: [] };
  }
  await prepareDirectory(archive, day);
  const span = { from: startOf(day), to: startOf(daysAfter(day)) };
  const rows = storedRows(tx, span, ranges);
  const parts = await writeParts(archive, day, known?.parts.length ?? 0, rows);
  const all = [...(known?.parts ?? []), ...parts];
  await writeManifest(archive, {
    schemaVersion: SCHEMA_VERSION,
    segment: day,
    rows: sumOf(all),
    parts: all,
    upTo: merged(known?.upTo ?? [], ranges),
  });
  return { day, rows: sumOf(parts), files: parts.map(({ file }) => file) };
}

const sumOf = (parts: readonly Part[]): number => parts.reduce((sum, { rows }) => sum + rows, 0);

/** From where the files end to where the tables are at this moment: what is applied later is another export's. */
function rangeOf({ topic, partition, next }: DayPosition, known: Manifest | undefined): OffsetRange {
  return { topic, partition, from: offsetIn(known, topic, partition), to: next };
}

function offsetIn(manifest: Manifest | undefined, topic: string, partition: number): string {
  return manifest?.upTo.find((one) => one.topic === topic && one.partition === partition)?.offset ?? '0';
}

/** Never back: tables that were rebuilt may still be behind the files. */
function merged(before: Manifest['upTo'], ranges: readonly OffsetRange[]): Manifest['upTo'] {
  const upTo = new Map(before.map((one) => [`${one.topic}/${one.partition}`, one]));
  for (const { topic, partition, from, to } of ranges) {
    const offset = BigInt(to) > BigInt(from) ? to : from;
    upTo.set(`${topic}/${partition}`, { topic, partition, offset });
  }
  return [...upTo.values()];
}

async function writeParts(
  archive: string,
  day: string,
  first: number,
  rows: AsyncGenerator<ArchivedRow>,
): Promise<Part[]> {
  const parts: Part[] = [];
  let next = await rows.next();
  try {
    while (!next.done) {
      parts.push(await writePart(archive, day, partName(first + parts.length), portion()));
    }
  } finally {
    await rows.return(undefined);
  }
  return parts;

  /** The next PART_ROWS rows; a file is begun only if there is one. */
  async function* portion(): AsyncGenerator<ArchivedRow> {
    for (let count = 0; !next.done && count < PART_ROWS; count++) {
      yield next.value;
      next = await rows.next();
    }
  }
}

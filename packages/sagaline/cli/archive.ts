/** npm run saga -- archive export | list | read: the archive by hand. */
import type { Pool } from 'pg';
import type { ArchivedRow } from '../pipeline/archive/archived-row.ts';
import { dayOf, isClosed } from '../pipeline/archive/day.ts';
import { lockExports, shareExports, type ArchivePolicy } from '../pipeline/archive/maintenance.ts';
import { readArchive } from '../pipeline/archive/read-archive.ts';
import { exportDay, type Exported } from '../pipeline/archive/segments/export-day.ts';
import { readManifest, segmentDays, type Manifest } from '../pipeline/archive/segments/manifest.ts';
import type { RowFilter } from '../pipeline/archive/segments/read-part.ts';
import { partitionedDays } from '../pipeline/archive/partitions.ts';
import { recordedDays } from '../pipeline/archive/stored-rows.ts';
import { schemaOf, type ProjectionTransaction } from '../pipeline/runtime/projection.ts';
import { storedVersion } from '../pipeline/runtime/schema.ts';
import { inTransaction, transactionOf, useSchema } from '../pipeline/runtime/transaction.ts';

const SCHEMA = schemaOf({ name: 'archive' });

export interface ArchiveCommandDeps {
  readonly pool: Pool;
  readonly policy: ArchivePolicy;
}

/** Nothing can be written, or read, without knowing where. */
export class NoArchiveDirectory extends Error {
  override readonly name = 'NoArchiveDirectory';
  constructor() {
    super('ARCHIVE_DIR is not set: name the directory in which the archive keeps its files');
  }
}

/** The projection has never run here. */
export class NothingArchived extends Error {
  override readonly name = 'NothingArchived';
  constructor() {
    super('there is no archive in this database yet: npm run pipeline makes it');
  }
}

/** Another process writes files of the archive at this moment. */
export class ExportRuns extends Error {
  override readonly name = 'ExportRuns';
  constructor() {
    super('another process, a pipeline perhaps, is exporting the archive: try again when it is done');
  }
}

/**
 * Writes to files what they do not have yet: of one day, which may still be going on, or of every day that is over.
 *
 * @throws NoArchiveDirectory, ExportRuns, and what the export says
 */
export async function exportArchive(
  { pool, policy }: ArchiveCommandDeps,
  { day, onDay = () => undefined }: { readonly day?: string; readonly onDay?: (exported: Exported) => void } = {},
): Promise<Exported[]> {
  const { directory, graceMs } = policy;
  if (directory === undefined) throw new NoArchiveDirectory();
  const recorded = await inArchive(pool, (tx) => recordedDays(tx));
  const over = recorded.map((one) => one.day).filter((one) => isClosed(one, graceMs, Date.now()));
  const exported: Exported[] = [];
  for (const one of day === undefined ? over : [day]) {
    const done = await inArchive(pool, async (tx) => {
      if (!(await lockExports(tx))) throw new ExportRuns();
      return exportDay(tx, directory, one);
    });
    onDay(done);
    exported.push(done);
  }
  return exported;
}

export interface ArchivedDay {
  readonly day: string;
  /** Rows ever recorded; 0 where the tables know nothing of the day any more. */
  readonly recorded: number;
  readonly inFiles: number;
  readonly inDatabase: boolean;
  readonly files: readonly Pick<Manifest['parts'][number], 'file' | 'rows' | 'bytes' | 'minTime' | 'maxTime'>[];
}

/** Every day of which there is anything, oldest first, and where its rows are. */
export async function listArchive({ pool, policy }: ArchiveCommandDeps): Promise<ArchivedDay[]> {
  const { directory } = policy;
  const [recorded, partitioned] = await inArchive(pool, async (tx) => [
    new Map((await recordedDays(tx)).map(({ day, rows }) => [day, Number(rows)])),
    new Set(await partitionedDays(tx)),
  ]);
  const inFiles = directory === undefined ? [] : await segmentDays(directory);
  const days = [...new Set([...recorded.keys(), ...inFiles])].sort();
  return Promise.all(
    days.map(async (day) => {
      const manifest = directory === undefined ? undefined : await readManifest(directory, day);
      return {
        day,
        recorded: recorded.get(day) ?? 0,
        inFiles: manifest?.rows ?? 0,
        inDatabase: partitioned.has(day),
        files: manifest?.parts ?? [],
      };
    }),
  );
}

/** Rows of files and database as one, oldest first. Exports wait meanwhile, so that no row is between the two places. */
export async function readArchived(
  { pool, policy }: ArchiveCommandDeps,
  filter: RowFilter,
  onRow: (row: ArchivedRow) => void | Promise<void>,
): Promise<number> {
  return inArchive(pool, async (tx) => {
    await shareExports(tx);
    let rows = 0;
    for await (const row of readArchive(tx, policy.directory, filter)) {
      await onRow(row);
      rows += 1;
    }
    return rows;
  });
}

/** One row as a line of JSON; the payload is embedded as the producer wrote it. */
export function archivedLine(row: ArchivedRow): string {
  const { payload, headers, rawKey, rawValue, recordTime, eventTime, ...plain } = row;
  const fields = {
    recordTime: new Date(recordTime).toISOString(),
    eventTime: new Date(eventTime).toISOString(),
    ...plain,
    rawKey: rawKey?.toString('base64') ?? null,
    rawValue: rawValue?.toString('base64') ?? null,
  };
  const present = Object.entries(fields).filter(([, value]) => value !== null);
  const embedded = Object.entries({ headers, payload }).filter(([, value]) => value !== null);
  const texts = [...present.map(([name, value]) => [name, JSON.stringify(value)]), ...embedded];
  return `{${texts.map(([name, text]) => `${JSON.stringify(name)}:${onOneLine(text ?? 'null')}`).join(',')}}`;
}

/** Line breaks in JSON text are between its tokens, where a space does as well. */
const onOneLine = (json: string): string => json.replace(/[\r\n]+/g, ' ');

/** @throws InvalidDay */
export function parseDay(text: string): string {
  const time = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && dayOf(time) === text) return text;
  throw new InvalidDay(text);
}

export class InvalidDay extends Error {
  override readonly name = 'InvalidDay';
  constructor(text: string) {
    super(`${text} is no day: write it as 2026-01-31, in UTC`);
  }
}

function inArchive<T>(pool: Pool, work: (tx: ProjectionTransaction) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    if ((await storedVersion(client, SCHEMA)) === undefined) throw new NothingArchived();
    await useSchema(client, SCHEMA);
    return work(transactionOf(client, false));
  });
}

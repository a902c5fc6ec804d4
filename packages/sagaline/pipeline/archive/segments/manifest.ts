/**
 * A segment is a day in files: `<directory>/YYYY/YYYY-MM-DD/`, with Parquet files and the manifest that says which of them count.
 * A file that the manifest does not name is the rest of an export that did not end.
 */
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Of the files' columns and of the manifest itself. */
export const SCHEMA_VERSION = 1;

const Offset = z.string().regex(/^[0-9]{1,19}$/);
const Position = z.object({ topic: z.string(), partition: z.int().nonnegative() });

const Part = z.object({
  file: z.string().regex(/^part-[0-9]{4,}\.parquet$/),
  rows: z.int().positive(),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  minTime: z.iso.datetime(),
  maxTime: z.iso.datetime(),
  positions: z.array(Position.extend({ rows: z.int().positive(), minOffset: Offset, maxOffset: Offset })),
});

const Manifest = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  segment: z.iso.date(),
  rows: z.int().nonnegative(),
  parts: z.array(Part),
  /** The day's rows below these offsets are in the parts, each once; what came later is not. */
  upTo: z.array(Position.extend({ offset: Offset })),
});

export type Part = z.infer<typeof Part>;
export type Manifest = z.infer<typeof Manifest>;

/** A manifest that is there and cannot be understood: nobody but a person may decide what becomes of its files. */
export class ManifestUnreadable extends Error {
  override readonly name = 'ManifestUnreadable';
  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(
      `${file} cannot be read (${reason}): restore it from a copy, or move its folder away to export the day anew`,
      options,
    );
  }
}

const MANIFEST = 'manifest.json';

export const directoryOf = (archive: string, day: string): string => join(archive, day.slice(0, 4), day);
export const partPath = (archive: string, day: string, { file }: Pick<Part, 'file'>): string =>
  join(directoryOf(archive, day), file);
export const partName = (index: number): string => `part-${String(index + 1).padStart(4, '0')}.parquet`;

/** @throws ManifestUnreadable */
export async function readManifest(archive: string, day: string): Promise<Manifest | undefined> {
  const file = join(directoryOf(archive, day), MANIFEST);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const manifest = Manifest.parse(JSON.parse(text));
    if (manifest.segment !== day) throw new Error(`it is of ${manifest.segment}`);
    return manifest;
  } catch (cause) {
    throw new ManifestUnreadable(file, cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause), { cause });
  }
}

/** Whoever reads meanwhile sees the old one or the new one, also after the power went. */
export async function writeManifest(archive: string, manifest: Manifest): Promise<void> {
  const directory = directoryOf(archive, manifest.segment);
  const unfinished = join(directory, `${MANIFEST}.tmp`);
  const handle = await open(unfinished, 'w');
  try {
    await handle.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await moveDurably(unfinished, join(directory, MANIFEST), directory);
}

/** A rename is on the disk once its directory is. */
export async function moveDurably(from: string, to: string, directory: string): Promise<void> {
  await rename(from, to);
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The segment's folder, without what an export left that did not end. */
export async function prepareDirectory(archive: string, day: string): Promise<void> {
  const directory = directoryOf(archive, day);
  await mkdir(directory, { recursive: true });
  const left = (await readdir(directory)).filter((name) => name.endsWith('.tmp'));
  await Promise.all(left.map((name) => rm(join(directory, name))));
}

/** Days that have a folder, oldest first. */
export async function segmentDays(archive: string): Promise<string[]> {
  const years = (await entries(archive)).filter((name) => /^\d{4}$/.test(name));
  const days = await Promise.all(years.map((year) => entries(join(archive, year))));
  return days
    .flat()
    .filter((name) => /^\d{4}-\d{2}-\d{2}$/.test(name))
    .sort();
}

export async function removeSegment(archive: string, day: string): Promise<void> {
  // The manifest first: a folder that is half gone promises nothing.
  await rm(join(directoryOf(archive, day), MANIFEST), { force: true });
  await rm(directoryOf(archive, day), { recursive: true, force: true });
}

async function entries(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

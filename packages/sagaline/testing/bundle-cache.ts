/**
 * Bundles of sagas, kept between test files and runs: bundling takes seconds, and every worker process of a test runner needs
 * the same one. A bundle holds for as long as every file that it was made of reads as it did.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSagas } from '../temporal/bundle.ts';
import { withLock } from '../dev/lock.mjs';
import { cacheDirectory } from '../dev/tools/cache.ts';
import { quietLogger } from './quiet-runtime.ts';

/** The sagas of a folder, bundled for Temporal's sandbox. */
export interface SagaBundle {
  readonly code: string;
}

interface Kept extends SagaBundle {
  readonly madeBy: string;
  /** Names of the folder's files. */
  readonly folder: readonly string[];
  /** By path, the hash of each file that was read. */
  readonly files: Readonly<Record<string, string>>;
}

const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
const MADE_BY = `@temporalio/worker ${version}, Node ${process.version}`;

const bundles = new Map<string, Promise<SagaBundle>>();

/** The bundle of a folder of sagas, made once for all processes. */
export function cachedBundle(sagas: URL): Promise<SagaBundle> {
  const known = bundles.get(sagas.href) ?? keptBundle(sagas);
  bundles.set(sagas.href, known);
  return known;
}

/** The same, which looks at the files every time. */
export async function keptBundle(sagas: URL): Promise<SagaBundle> {
  const folder = fileURLToPath(sagas);
  const file = keptAt(sagas);
  const kept = await readKept(file, folder);
  if (kept) return kept;
  return await withLock(
    `${file}.lock`,
    async () => (await readKept(file, folder)) ?? (await make(file, folder, sagas)),
  );
}

/** The file of a folder's bundle. */
export function keptAt(sagas: URL): string {
  const folder = fileURLToPath(sagas);
  return join(directoryFor(folder), `${hashOf(folder).slice(0, 16)}.json`);
}

/** Beside the packages that the sagas import, which is nobody else's; else where the servers are kept. */
function directoryFor(folder: string): string {
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules'))) return join(at, 'node_modules', '.cache', 'sagaline', 'bundles');
  }
  return join(cacheDirectory(), 'bundles');
}

/** Undefined where there is none, or a file that it was made of has changed since. */
async function readKept(file: string, folder: string): Promise<SagaBundle | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { code, ...kept } = JSON.parse(text) as Kept;
  if (kept.madeBy !== MADE_BY || kept.folder.join() !== (await namesIn(folder)).join()) return undefined;
  const hashes = await hashAll(Object.keys(kept.files));
  return Object.entries(kept.files).every(([path, hash]) => hashes[path] === hash) ? { code } : undefined;
}

async function make(file: string, folder: string, sagas: URL): Promise<SagaBundle> {
  let read: readonly string[] = [];
  const names = await namesIn(folder);
  const { code } = await bundleSagas(sagas, quietLogger, (files) => (read = files));
  const kept: Kept = { madeBy: MADE_BY, folder: names, files: await hashAll(read), code };
  // A reader sees the one of before, or all of this one.
  const half = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(half, JSON.stringify(kept));
  await rename(half, file);
  await removeOld(dirname(file));
  return { code };
}

const OLD_MS = 7 * 24 * 3_600_000;

/** Folders come and go; their bundles are megabytes. */
async function removeOld(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (mtimeMs < Date.now() - OLD_MS) await rm(path, { force: true });
  }
}

const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort();

/** Without those that are on no disk: the SDK's bundler makes its entry in memory. */
async function hashAll(paths: readonly string[]): Promise<Record<string, string>> {
  const read = await Promise.all(
    paths.map(async (path) => {
      const content = await readFile(path).catch(() => undefined);
      return content ? [[path, hashOf(content)] as const] : [];
    }),
  );
  return Object.fromEntries(read.flat());
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

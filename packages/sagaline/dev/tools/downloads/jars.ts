/** Jars from the repositories that Maven is configured for, without Maven and without Java. */
import { copyFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import { download, isWhole } from './download.ts';
import { DownloadFailed } from './errors.ts';
import { mavenSettings, type MavenSettings } from './maven-settings.ts';
import type { PinnedJar } from './pinned-jars.ts';
import { startProgress, type Report } from './progress.ts';

const AT_ONCE = 6;

export interface JarOptions {
  /** What they are part of, as people call it. */
  readonly what: string;
  /** Where unfinished downloads are kept. */
  readonly cache: string;
  readonly report: Report;
  /** Defaults to this machine's. */
  readonly settings?: MavenSettings;
}

/** Fills an existing `directory` with the jars. What Maven has on this machine is not downloaded. @throws DownloadFailed, ChecksumWrong */
export async function fetchJars(jars: readonly PinnedJar[], directory: string, options: JarOptions): Promise<void> {
  const { what, cache, report, settings = mavenSettings() } = options;
  const wanted: PinnedJar[] = [];
  for (const jar of jars) {
    const local = join(settings.local, jar.path);
    if (await isWhole(local, jar)) await copyFile(local, join(directory, basename(jar.path)));
    else wanted.push(jar);
  }
  if (wanted.length < jars.length) report(`  ${what}: ${jars.length - wanted.length} jars from ${settings.local}`);
  if (wanted.length === 0) return;

  const bytes = wanted.reduce((sum, jar) => sum + jar.bytes, 0);
  const progress = startProgress(`${what}, ${wanted.length} jars`, bytes, report);
  const limit = pLimit(AT_ONCE);
  const downloads = join(cache, 'downloads');
  const there = ({ path }: PinnedJar) => join(downloads, basename(path));
  // All have ended when this does: nobody writes there any more.
  const outcomes = await Promise.allSettled(
    wanted.map((jar) => limit(() => fromFirst(jar, settings, there(jar), progress.add))),
  ).finally(progress.end);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  // Not one by one: what has come stays where the next run finds it if another fails.
  for (const jar of wanted) await rename(there(jar), join(directory, basename(jar.path)));
  progress.done();
}

async function fromFirst(jar: PinnedJar, { repositories }: MavenSettings, path: string, add: (bytes: number) => void) {
  let failure: DownloadFailed | undefined;
  for (const registry of repositories) {
    try {
      return await download(jar, { url: new URL(jar.path, registry.url), registry }, path, add);
    } catch (error) {
      if (!(error instanceof DownloadFailed)) throw error;
      failure ??= error;
    }
  }
  throw failure ?? new Error('Maven is configured with no repository');
}

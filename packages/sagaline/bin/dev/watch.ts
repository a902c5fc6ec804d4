/** Tells when files of a repository changed: what is in them, not that somebody looked. */
import { watch, type FSWatcher } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface RepositoryWatch {
  close(): void;
}

/** Files by path, with what changes when they do. */
type Snapshot = ReadonlyMap<string, string>;

const IGNORED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage']);
/** An editor writes several files for one change of its user's. */
const QUIET_MS = 150;

/** Hidden files are editors' and tools' own, but for settings; a tilde ends the name of a backup; texts change no program. */
const isWatchedFile = (name: string): boolean =>
  (!name.startsWith('.') || name.startsWith('.env')) && !name.endsWith('~') && !name.endsWith('.md');
const isWatchedFolder = (name: string): boolean => !name.startsWith('.') && !IGNORED_FOLDERS.has(name);

/**
 * Watches every folder by itself: to watch all of them at once is to watch node_modules, too.
 *
 * @param onChange told the files that are new, changed or gone since the last time
 */
export async function watchRepository(
  root: string,
  onChange: (files: readonly string[]) => void,
): Promise<RepositoryWatch> {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let looking = Promise.resolve();
  let known = await look();

  function soon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = looking.then(compare);
    }, QUIET_MS);
  }

  async function compare(): Promise<void> {
    const now = await look();
    const files = changedBetween(known, now).map((file) => relative(root, file));
    known = now;
    if (files.length > 0 && !closed) onChange(files);
  }

  async function look(): Promise<Snapshot> {
    const { files, folders } = await readTree(root);
    // One that went may come back, and is another one then.
    for (const folder of watchers.keys()) if (!folders.includes(folder)) forget(folder);
    for (const folder of folders) if (!watchers.has(folder) && !closed) watchFolder(folder);
    return files;
  }

  function watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, soon);
      watchers.set(folder, watcher);
      watcher.on('error', () => forget(folder));
    } catch {
      // It went between our look and now.
    }
  }

  function forget(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  return {
    close() {
      closed = true;
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

async function readTree(root: string): Promise<{ files: Map<string, string>; folders: string[] }> {
  const files = new Map<string, string>();
  const folders = [root];
  // Grows while it is read.
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && isWatchedFolder(entry.name)) folders.push(path);
      if (!entry.isFile() || !isWatchedFile(entry.name)) continue;
      const about = await stat(path).catch(() => undefined);
      if (about) files.set(path, `${about.mtimeMs} ${about.size} ${about.ino}`);
    }
  }
  return { files, folders };
}

function changedBetween(before: Snapshot, now: Snapshot): string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths].filter((path) => before.get(path) !== now.get(path)).sort();
}

/** Where the servers of one process live: gone, with the servers, when their owner is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryDirectory {
  readonly directory: string;
  /** Kills what is recorded there, and removes everything; also happens by itself when this process ends. */
  readonly remove: () => Promise<void>;
}

/** @param name part of the directory's name */
export async function createTemporaryDirectory(name: string): Promise<TemporaryDirectory> {
  const directory = await mkdtemp(join(tmpdir(), `sagaline-${name}-`));
  // PostgreSQL's user must get in, if we are root.
  await chmod(directory, 0o755);
  return { directory, remove: startReaper(directory) };
}

/** A process of its own cleans up: this one may be killed. Returns the way to make it do so now. */
function startReaper(directory: string): () => Promise<void> {
  const reaper = spawn(process.execPath, [join(import.meta.dirname, 'native', 'reaper.mjs'), directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  const ended = once(reaper, 'exit');
  reaper.unref();
  return async () => {
    reaper.ref();
    reaper.stdin.end();
    await ended;
  };
}

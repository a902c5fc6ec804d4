import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../lock.mjs';

/** Where tools are kept between runs and checkouts. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env.SAGALINE_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sagaline');
}

/** True when `name` (which carries its version) needs no installation any more. */
export function isInstalled(cache: string, name: string): boolean {
  return existsSync(join(cache, name));
}

/**
 * Installs `name` once for all processes and returns its directory. `build` fills a staging directory, which becomes the
 * final one by a rename: a directory that is there is complete.
 */
export async function installOnce(
  cache: string,
  name: string,
  build: (staging: string) => Promise<void>,
): Promise<string> {
  const target = join(cache, name);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  return await withLock(`${target}.lock`, async () => {
    if (existsSync(target)) return target;
    await removeLeftovers(cache, name);
    const staging = await mkdtemp(`${target}.staging-`);
    try {
      await build(staging);
      // mkdtemp makes it private, but PostgreSQL may have to run as another user.
      await chmod(staging, 0o755);
      await rename(staging, target);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    return target;
  });
}

async function removeLeftovers(cache: string, name: string): Promise<void> {
  for (const entry of await readdir(cache)) {
    if (entry.startsWith(`${name}.staging-`)) await rm(join(cache, entry), { recursive: true, force: true });
  }
}

import { constants } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** A user that a server runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

const SYSTEM_CACHE = '/var/cache/sagaline';

/** `cache`, or another one where `user` cannot enter it, as nobody can root's own. */
export async function reachableCache(cache: string, user: User | undefined): Promise<string> {
  return user && !(await isReachableByAll(cache)) ? SYSTEM_CACHE : cache;
}

/**
 * PostgreSQL and OpenSearch refuse to run as root: root gets `nobody` for it, everybody else stays who they are (undefined). The user must
 * have an entry in /etc/passwd, for initdb looks its name up.
 */
export async function unprivilegedUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (!uid || !gid)
    throw new Error('running as root needs a user `nobody` in /etc/passwd to run servers as that refuse root');
  return { uid: Number(uid), gid: Number(gid) };
}

/** True when everybody may enter `path` and every directory above it. */
export async function isReachableByAll(path: string): Promise<boolean> {
  for (let current = resolve(path); ; current = dirname(current)) {
    const found = await stat(current).catch(() => undefined);
    // What does not exist yet is made by us, and open.
    if (found && (found.mode & constants.S_IXOTH) === 0) return false;
    if (current === dirname(current)) return true;
  }
}

/**
 * A lock between processes: a file that names its holder. A holder that died is noticed by its identity, so a kill -9 in
 * the middle of an installation blocks nobody. Plain JavaScript for the bootstrap's sake. Types: lock.d.mts.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isAlive } from './process-identity.mjs';

const POLL_MS = 100;

export async function withLock(path, work, { waitMs = 600_000, onWait } = {}) {
  await mkdir(dirname(path), { recursive: true });
  const deadline = Date.now() + waitMs;
  let waiting = false;
  while (!(await tryLock(path))) {
    if (!waiting) onWait?.();
    waiting = true;
    if (Date.now() > deadline) throw new Error(`${path} is held by another process for more than ${waitMs} ms`);
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path) {
  // Of this attempt alone: two waiters in one process must not take each other's file away.
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) }));
  try {
    // link() fails if the file is there, and never shows a half-written one.
    await link(mine, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    await removeIfStale(path);
    return false;
  } finally {
    await rm(mine, { force: true });
  }
}

async function removeIfStale(path) {
  if (await isHeld(path)) return;
  // Two waiters may see the same dead holder: rename has one winner, and what it moved may be a newer, living lock.
  const moved = `${path}.stale-${randomUUID()}`;
  try {
    await rename(path, moved);
    if (await isHeld(moved)) await link(moved, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    await rm(moved, { force: true });
  }
}

async function isHeld(path) {
  try {
    return isAlive(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return false;
  }
}

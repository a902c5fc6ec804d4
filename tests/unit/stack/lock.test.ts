import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../packages/sagaline/dev/lock.mjs';
import { identityOf } from '../../../packages/sagaline/dev/process-identity.mjs';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sagaline-lock-'));
  path = join(directory, 'lock');
});
afterEach(() => rm(directory, { recursive: true }));

describe('a lock between processes', () => {
  it('lets one in after the other', async () => {
    let inside = 0;
    let most = 0;
    const work = () =>
      withLock(path, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
      });
    await Promise.all([work(), work(), work()]);
    expect(most).toBe(1);
    expect(await readdir(directory)).toEqual([]);
  });

  it('holds among many waiters of one process, over and over', async () => {
    let inside = 0;
    let most = 0;
    const work = () =>
      withLock(path, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        return 1;
      });
    const done = await Promise.all(Array.from({ length: 40 }, work));
    expect([done.length, most]).toEqual([40, 1]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is free again after a failure, which it passes on', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(withLock(path, () => Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it.each([
    ['died', JSON.stringify({ pid: 2 ** 22 + 1, identity: 'gone' })],
    ['died and left its pid to another process', JSON.stringify({ pid: process.pid, identity: 'gone' })],
    ['left half a file', '{"pid":'],
  ])('is taken over from a holder that %s', async (_, content) => {
    await writeFile(path, content);
    await expect(withLock(path, () => Promise.resolve('mine'), { waitMs: 5_000 })).resolves.toBe('mine');
  });

  it('is not taken from a living holder', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) }));
    let told = 0;
    const waiting = withLock(path, () => Promise.resolve(), { waitMs: 250, onWait: () => told++ });
    await expect(waiting).rejects.toThrow('held by another process');
    expect(told).toBe(1);
  });
});

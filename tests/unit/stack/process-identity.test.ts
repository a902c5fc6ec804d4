import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identityOf, isAlive } from '../../../packages/sagaline/dev/process-identity.mjs';

describe('the identity of a process', () => {
  it('is the same as long as it runs, and differs from every other', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const pid = child.pid ?? 0;
    const identity = identityOf(pid) ?? '';

    expect(identity).not.toBe('');
    expect(identityOf(pid)).toBe(identity);
    expect(identity).not.toBe(identityOf(process.pid));
    expect(isAlive({ pid, identity })).toBe(true);

    child.stdin.end();
    await once(child, 'exit');
    expect(identityOf(pid)).toBeUndefined();
    expect(isAlive({ pid, identity })).toBe(false);
  });

  it('tells a process from a later one with its pid', () => {
    expect(isAlive({ pid: process.pid, identity: 'of an earlier process' })).toBe(false);
  });
});

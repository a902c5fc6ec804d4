import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const FIXTURE = join(import.meta.dirname, 'fixtures/heavy-search-process.ts');

test('texts and queries that are made to be expensive are not, in a heap of 64 MB', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--max-old-space-size=64', '--import', 'tsx', FIXTURE],
  ]);
  const times = JSON.parse(stdout) as { name: string; highlightMs: number; tokensMs: number }[];
  expect(times).toHaveLength(12);
  for (const { name, highlightMs, tokensMs } of times) {
    expect(highlightMs, name).toBeLessThan(1_000);
    expect(tokensMs, name).toBeLessThan(1_000);
  }
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';

const OUTPUT = join(import.meta.dirname, '../../../packages/sagaline/ground/log-output.ts');

/** A process that writes `code`'s lines and ends at once, as after a failure. */
function writer(code: string) {
  const script = `const { createLogOutput } = await import(${JSON.stringify(OUTPUT)});
    const output = createLogOutput();
    ${code}`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('log lines', { timeout: 60_000 }, () => {
  test('are all written, in order, though the process ends with the last one', async () => {
    const child = writer(`for (let n = 0; n < 20_000; n++) output.write(n + '\\n'); process.exit(0);`);
    const lines = (await text(child.stdout)).trim().split('\n');
    expect(lines).toEqual(Array.from({ length: 20_000 }, (_, n) => String(n)));
  });

  test('that a reader does not read neither stop the process nor fill its memory; it is told how many are missing', async () => {
    const child = writer(`
      const line = 'x'.repeat(1023) + '\\n';
      for (let n = 0; n < 40_000; n++) output.write(line);
      setTimeout(() => { output.write('{"msg":"last"}\\n'); }, 200);`);
    child.stdout.pause();
    await once(child.stdout, 'readable');
    const whole = await text(child.stdout);
    expect(whole).toMatch(/"msg":"\d+ log lines were not read in time"/);
    expect(whole.length).toBeLessThan(20 * 1024 * 1024);
    expect(whole.trimEnd().endsWith('{"msg":"last"}')).toBe(true);
  });
});

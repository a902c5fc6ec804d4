/** The kit under Node's own test runner: nothing of Vitest is needed, and the process ends by itself. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

test('Node’s runner runs it, shows what failed, and ends', async () => {
  const file = resolve(import.meta.dirname, 'node-runner-process.ts');
  const args = ['--import', import.meta.resolve('tsx'), '--test', '--test-reporter=tap', file];
  // What tells that this is Vitest, or another run of Node's runner, is not for the child.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST_CONTEXT)/.test(name)),
  );
  const output = await new Promise<string>((done) => {
    execFile(process.execPath, args, { env: environment }, (_, stdout, stderr) => done(`${stdout}${stderr}`));
  });
  expect(output).toMatch(/ok \d+ - a card is issued/);
  expect(output).toMatch(/not ok \d+ - another outcome is told/);
  expect(output).toContain('giftCardSaga:g-2 ended with gift-card.issued');
});

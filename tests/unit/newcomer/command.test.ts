import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appFileOf } from '../../../packages/sagaline/bin/app-file.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BIN = join(ROOT, 'packages/sagaline/bin');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'command-'));
});
afterAll(() => rm(directory, { recursive: true }));

const sagaline = (...args: string[]) =>
  spawnSync(process.execPath, [join(BIN, 'sagaline.mjs'), ...args], { cwd: directory, encoding: 'utf8' });

test('tells what there is, and what there is not, with code 2', () => {
  expect(sagaline('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('new saga <name>') as string });
  expect(sagaline('deploy')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('no command deploy') as string,
  });
  for (const command of [['dev'], ['worker'], ['stack', 'status'], ['new', 'saga', 'x']]) {
    const { status, stderr } = sagaline(...command);
    expect(stderr).toContain('npm create sagaline');
    expect(status).toBe(2);
  }
});

test('takes the app file that is named, and leaves the other arguments', async () => {
  await writeFile(join(directory, 'shop.ts'), '');
  expect(appFileOf(['worker', '--app', 'shop.ts', '--x'], directory)).toEqual({
    file: join(directory, 'shop.ts'),
    rest: ['worker', '--x'],
  });
  expect(() => appFileOf(['--app', 'none.ts'], directory)).toThrow('there is no file none.ts');
  expect(() => appFileOf(['--app'], directory)).toThrow('none was named');
});

test('an app file that exports no app is told', async () => {
  await writeFile(join(directory, 'empty.ts'), 'export const application = 1;\n');
  const { status, stderr } = sagaline('worker', '--app', 'empty.ts');
  expect(stderr).toContain('exports no app: export const app = defineApp({ … })');
  expect(status).toBe(2);
});

test('TypeScript without tsx is told, and how to get it', async () => {
  // Beside no node_modules at all, as in a repository that has not installed it.
  const elsewhere = join(directory, 'elsewhere');
  await cp(join(BIN, 'sagaline.mjs'), join(elsewhere, 'bin', 'sagaline.mjs'));
  const { status, stderr } = spawnSync(process.execPath, [join(elsewhere, 'bin', 'sagaline.mjs'), 'worker'], {
    cwd: elsewhere,
    encoding: 'utf8',
  });
  expect(stderr).toContain('npm install --save-dev tsx');
  expect(status).toBe(2);
});

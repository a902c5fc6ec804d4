import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

/** Runs replay.ts or history.ts as a process of its own, and tells how it ended and what it printed. */
export function runTool(
  tool: 'replay' | 'history',
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> {
  const file = resolve(import.meta.dirname, `../${tool}.ts`);
  const options = { env: { ...process.env, ...environment } };
  return new Promise((done, fail) => {
    const child = execFile(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), file, ...args],
      options,
      (error, stdout, stderr) => {
        if (child.exitCode === null) fail(error ?? new Error(`${tool} was killed`));
        else done({ code: child.exitCode, output: `${stdout}${stderr}` });
      },
    );
  });
}

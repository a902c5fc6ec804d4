/** The package as npm would publish it. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface Ended {
  readonly code: number;
  /** Standard output, and then what was written to standard error. */
  readonly output: string;
}

export function execute(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((done) => {
    execFile(command, args, { cwd, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` });
    });
  });
}

/** @throws Error with all that it said */
export async function succeed(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await execute(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with code ${code}:\n${output}`);
}

/** Builds the package and packs it. @returns the tarball's path */
export async function packInto(directory: string): Promise<string> {
  await succeed(process.execPath, ['stack/bootstrap.mjs', 'stack/build.ts', 'package'], ROOT);
  await succeed('npm', ['pack', '--workspace', 'sagaline', '--pack-destination', directory], ROOT);
  const tarball = (await readdir(directory)).find((file) => file.endsWith('.tgz'));
  if (!tarball) throw new Error('npm pack made no tarball');
  return join(directory, tarball);
}

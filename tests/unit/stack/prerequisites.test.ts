import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureTemporal, ensureTools, missingTools } from '../../../packages/sagaline/dev/tools/index.ts';
import {
  MissingPrerequisites,
  type Prerequisite,
  requirePresent,
} from '../../../packages/sagaline/dev/tools/prerequisites.ts';

/** For which nothing can be downloaded. */
const platform = 'sunos-sparc';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'sagaline-cache-'));
  // A machine with nothing on it.
  vi.stubEnv('PATH', cache);
  vi.stubEnv('JAVA_HOME', undefined);
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
  it('are none on a machine with Node alone, where all can be downloaded', async () => {
    expect(await missingTools(cache)).toEqual([]);
  });

  it('are all named in one message, with the way to get each', async () => {
    const message = await messageOf(ensureTools({ cache, platform }));
    for (const part of [
      'Java 17 or newer, for Kafka',
      'apt-get install default-jre-headless',
      'a platform that Temporal is built for',
      'SAGALINE_STACK=external',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('are only those that the task needs', async () => {
    const message = await messageOf(ensureTemporal({ cache, platform }));
    expect(message).toContain('Temporal');
    expect(message).not.toContain('Java');
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

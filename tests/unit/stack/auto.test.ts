import { describe, expect, it } from 'vitest';
import { environmentOf } from '../../../packages/sagaline/dev/addresses.ts';
import { createAutoStack, type Machine } from '../../../packages/sagaline/dev/auto.ts';
import { addressesOf } from '../../../packages/sagaline/dev/native/addresses.ts';
import { STANDARD_PORTS } from '../../../packages/sagaline/dev/native/ports.ts';
import type { StackProvider } from '../../../packages/sagaline/dev/provider.ts';
import { javaFor } from '../../../packages/sagaline/dev/tools/java.ts';
import { temporalFor } from '../../../packages/sagaline/dev/tools/temporal.ts';

/** For which nothing can be downloaded. */
const PLATFORM = 'sunos-sparc';
const addresses = addressesOf(STANDARD_PORTS);
const elsewhere = {
  KAFKA_BROKERS: 'kafka.example:9092',
  TEMPORAL_ADDRESS: 'temporal.example:7233',
  DATABASE_URL: 'postgresql://me@database.example/sagaline',
};

function stackThat(runs: 'runs' | 'is down', provider: string): StackProvider {
  const servers = runs === 'runs' ? [{ name: 'kafka', state: 'up' as const }] : [];
  return {
    name: provider,
    up: () => Promise.resolve(addresses),
    down: () => Promise.resolve(),
    status: () =>
      Promise.resolve({ provider, ready: false, addresses: runs === 'runs' ? addresses : undefined, servers }),
    logs: () => Promise.resolve(`logs of ${provider}`),
  };
}

const machine = (there: { tools: boolean; docker: boolean }): Machine => ({
  missingTools: () => Promise.resolve(there.tools ? [] : [javaFor(PLATFORM), temporalFor('/nowhere', PLATFORM)]),
  dockerMissing: () => Promise.resolve(there.docker ? undefined : 'no Docker engine answers'),
});

function chosen(
  there: { tools: boolean; docker: boolean },
  running: readonly ('native' | 'docker')[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const stack = (name: 'native' | 'docker') => stackThat(running.includes(name) ? 'runs' : 'is down', name);
  const choice = { native: stack('native'), docker: stack('docker'), external: () => stackThat('runs', 'external') };
  return createAutoStack(choice, environment, machine(there)).logs(undefined, 1);
}

const EVERYTHING = { tools: true, docker: true };

describe('SAGALINE_STACK=auto', () => {
  it('is external if the environment has all three addresses', async () => {
    expect(await chosen(EVERYTHING, [], elsewhere)).toBe('logs of external');
    expect(await chosen(EVERYTHING, ['native'], elsewhere)).toBe('logs of external');
    expect(await chosen(EVERYTHING, [], { KAFKA_BROKERS: 'kafka.example:9092' })).toBe('logs of native');
  });

  it('is ours if these addresses are our own, so that `down` stops what `up` started', async () => {
    expect(await chosen(EVERYTHING, ['docker'], environmentOf(addresses))).toBe('logs of docker');
  });

  it('is what runs already', async () => {
    expect(await chosen(EVERYTHING, ['docker'])).toBe('logs of docker');
    expect(await chosen({ tools: false, docker: true }, ['native'])).toBe('logs of native');
  });

  it('else native if its prerequisites are there, else Docker if it answers', async () => {
    expect(await chosen(EVERYTHING)).toBe('logs of native');
    expect(await chosen({ tools: false, docker: true })).toBe('logs of docker');
  });

  it('else names what is missing for each way, in one message', async () => {
    const message = await chosen({ tools: false, docker: false }).catch((error: unknown) => String(error));
    for (const part of ['Java 17 or newer', 'Temporal', 'no Docker engine answers', 'SAGALINE_STACK=external']) {
      expect(message).toContain(part);
    }
  });
});

/** A stack for one process: on free ports, in a temporary directory, gone when its owner is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackAddresses } from './addresses.ts';
import { createNativeStack } from './native.ts';
import { setUp } from './setup.ts';

export interface EphemeralStack {
  readonly addresses: StackAddresses;
  /** Data and logs, until the stack is down. */
  readonly directory: string;
  /** Kills the servers and removes everything; also happens by itself when this process ends. */
  down(): Promise<void>;
}

export interface EphemeralOptions {
  /** Part of the directory's name. */
  readonly name: string;
  /** Settings for gateways/config.ts beside the addresses, such as KAFKA_PARTITIONS. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly report?: (message: string) => void;
}

/** Starts the servers and sets them up. @throws MissingPrerequisites, ServerFailed; nothing is left behind then */
export async function startEphemeralStack(options: EphemeralOptions): Promise<EphemeralStack> {
  const { name, environment = {}, report } = options;
  const directory = await mkdtemp(join(tmpdir(), `sagaline-${name}-`));
  // PostgreSQL's user must get in, if we are root.
  await chmod(directory, 0o755);
  const reap = startReaper(directory);
  try {
    const stack = createNativeStack({
      ...{ name, stateDirectory: directory, ports: 'free', persist: false },
      // Nobody wants these data after a crash of the machine.
      fsync: false,
      ...(report ? { report } : {}),
    });
    const addresses = await stack.up();
    await setUp(addresses, environment);
    return { addresses, directory, down: reap };
  } catch (error) {
    await reap();
    throw error;
  }
}

/** A process of its own cleans up: this one may be killed. Returns the way to make it do so now. */
function startReaper(directory: string): () => Promise<void> {
  const reaper = spawn(process.execPath, [join(import.meta.dirname, 'native', 'reaper.mjs'), directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  const ended = once(reaper, 'exit');
  reaper.unref();
  return async () => {
    reaper.ref();
    reaper.stdin.end();
    await ended;
  };
}

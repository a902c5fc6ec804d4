/** A stack for one process: on free ports, in a temporary directory, gone when its owner is. */
import { withSandbox, type StackAddresses } from '../packages/sagaline/dev/addresses.ts';
import { createNativeStack } from '../packages/sagaline/dev/native.ts';
import { REFERENCE } from './reference.ts';
import { setUp } from './setup.ts';
import { createTemporaryDirectory } from '../packages/sagaline/dev/temporary.ts';

export interface EphemeralStack {
  readonly addresses: StackAddresses;
  /** Data and logs, until the stack is down. */
  readonly directory: string;
  /** Kills the servers and removes everything; also happens by itself when this process ends. */
  readonly down: () => Promise<void>;
}

export interface EphemeralOptions {
  /** Part of the directory's name. */
  readonly name: string;
  /** Settings for packages/sagaline/config/config.ts beside the addresses, such as KAFKA_PARTITIONS. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly report?: (message: string) => void;
}

/**
 * Starts the servers and sets them up: processes of this machine, or containers if SAGALINE_TEST_STACK=containers.
 *
 * @throws MissingPrerequisites, NoContainers, ServerFailed; nothing is left behind then
 */
export async function startEphemeralStack(options: EphemeralOptions): Promise<EphemeralStack> {
  if (process.env.SAGALINE_TEST_STACK !== 'containers') return await startNativeStack(options);
  // Loaded only where it is wanted: it takes a second.
  const { startContainerStack } = await import('./containers/start.ts');
  return await startContainerStack(options);
}

async function startNativeStack({ name, environment = {}, report }: EphemeralOptions): Promise<EphemeralStack> {
  const { directory, remove } = await createTemporaryDirectory(name);
  try {
    const stack = createNativeStack({
      ...{ owner: REFERENCE, name, stateDirectory: directory, ports: 'free', persist: false },
      // Nobody wants these data after a crash of the machine.
      fsync: false,
      ...(report ? { report } : {}),
    });
    const addresses = withSandbox(await stack.up());
    await setUp(addresses, environment);
    return { addresses, directory, down: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

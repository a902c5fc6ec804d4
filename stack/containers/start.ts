/** A stack for one process whose servers are containers; the sandbox is a process of this machine. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EphemeralOptions, EphemeralStack } from '../ephemeral.ts';
import { addressesOf } from '../../packages/sagaline/dev/native/addresses.ts';
import { choosePorts } from '../../packages/sagaline/dev/native/ports.ts';
import { sandboxServer } from '../../packages/sagaline/dev/native/sandbox.ts';
import { startServer } from '../../packages/sagaline/dev/native/server.ts';
import { REFERENCE } from '../reference.ts';
import { setUp } from '../setup.ts';
import { createTemporaryDirectory } from '../../packages/sagaline/dev/temporary.ts';
import { openEngine } from './engine.ts';
import { startContainer, type ServerContainer } from './server.ts';
import { kafkaContainer, postgresContainer, temporalContainer, type ContainerContext } from './servers.ts';

export interface ContainerStack extends EphemeralStack {
  readonly kafka: ServerContainer;
  readonly postgres: ServerContainer;
  readonly temporal: ServerContainer;
}

export interface ContainerStackOptions extends EphemeralOptions {
  /** See ContainerContext. */
  readonly persist?: boolean;
}

/** Starts the servers and sets them up. @throws NoContainers, ServerFailed; nothing is left behind then */
export async function startContainerStack(options: ContainerStackOptions): Promise<ContainerStack> {
  const { name, environment = {}, persist = false } = options;
  const engine = await openEngine();
  const { directory, remove } = await createTemporaryDirectory(name);
  try {
    // Its reaper looks here for the label by which it finds the containers.
    await writeFile(join(directory, 'containers'), directory);
    const { host } = engine.info.containerRuntime;
    const context: ContainerContext = {
      ports: await choosePorts({}),
      // A name may lead to ::1 first, where the engine need not listen.
      host: host === 'localhost' ? '127.0.0.1' : host,
      persist,
    };
    const [kafka, postgres, temporal] = await allOrFirstFailure([
      startContainer(kafkaContainer(context), engine, directory),
      startContainer(postgresContainer(context), engine, directory),
      startContainer(temporalContainer(context), engine, directory),
      startSandbox(context, directory),
    ]);
    const addresses = addressesOf(context.ports, context.host);
    await setUp(addresses, environment);
    return { addresses, directory, kafka, postgres, temporal, down: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startSandbox({ ports }: ContainerContext, stateDirectory: string): Promise<void> {
  const context = { ports, stateDirectory, persist: false, fsync: false };
  await startServer(sandboxServer(REFERENCE.sandbox, context), stateDirectory);
}

/** Waits for all even if one fails: what still starts could not be removed. */
async function allOrFirstFailure<T extends readonly unknown[]>(work: T): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

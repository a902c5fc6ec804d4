/** The provider that this machine and its environment suggest, asked for anew by each command. */
import type { ServerAddresses } from './addresses.ts';
import { environmentOf } from './addresses.ts';
import { dockerMissing } from './docker/compose.ts';
import type { StackProvider } from './provider.ts';
import { missingTools } from './tools/index.ts';
import { MissingPrerequisites } from './tools/prerequisites.ts';

/** With all of these set, the servers are somewhere else. */
export const ADDRESSES_OF_SERVERS = ['KAFKA_BROKERS', 'TEMPORAL_ADDRESS', 'DATABASE_URL'] as const;

export interface AutoChoice {
  readonly native: StackProvider;
  readonly docker: StackProvider;
  /** Created only when it is chosen: it reads the whole configuration. */
  readonly external: () => StackProvider;
}

/** What is missing for each way; exchanged by tests. */
export interface Machine {
  readonly missingTools: typeof missingTools;
  readonly dockerMissing: typeof dockerMissing;
}

/**
 * External if the environment has the addresses of all three servers, and they are not those of a stack of ours; else the one
 * that runs already; else native if its prerequisites are there; else Docker if an engine answers.
 */
export function createAutoStack(
  choice: AutoChoice,
  environment: NodeJS.ProcessEnv,
  machine: Machine = { missingTools, dockerMissing },
): StackProvider {
  let chosen: Promise<StackProvider> | undefined;
  const provider = () => (chosen ??= choose(choice, environment, machine));
  return {
    name: 'auto',
    up: async () => await (await provider()).up(),
    down: async () => await (await provider()).down(),
    status: async () => await (await provider()).status(),
    logs: async (server, lines) => await (await provider()).logs(server, lines),
  };
}

async function choose(
  { native, docker, external }: AutoChoice,
  environment: NodeJS.ProcessEnv,
  machine: Machine,
): Promise<StackProvider> {
  const ours = await runningOf([native, docker]);
  if (ADDRESSES_OF_SERVERS.every((name) => environment[name])) {
    // After `eval "$(npm run -s stack -- env)"` they are our own.
    return ours && isAt(ours.addresses, environment) ? ours.provider : external();
  }
  if (ours) return ours.provider;
  const missing = await machine.missingTools();
  if (missing.length === 0) return native;
  const noDocker = await machine.dockerMissing();
  if (noDocker === undefined) return docker;
  throw new MissingPrerequisites(missing, [`Or use Docker, but ${noDocker}.`]);
}

/** The first of which anything runs. */
async function runningOf(providers: readonly StackProvider[]) {
  for (const provider of providers) {
    const { addresses, servers } = await provider.status();
    if (addresses && servers.some(({ state }) => state === 'up')) return { provider, addresses };
  }
  return undefined;
}

function isAt(addresses: ServerAddresses, environment: NodeJS.ProcessEnv): boolean {
  const own = environmentOf(addresses);
  return ADDRESSES_OF_SERVERS.every((name) => own[name] === environment[name]);
}

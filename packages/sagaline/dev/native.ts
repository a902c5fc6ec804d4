/** Everything on this machine, without Docker. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerAddresses } from './addresses.ts';
import { checkAll } from './health/servers.ts';
import { withLock } from './lock.mjs';
import { tailsOf } from './logs.ts';
import { addressesFor } from './native/addresses.ts';
import type { NativeContext } from './native/context.ts';
import { kafkaServer } from './native/kafka.ts';
import { choosePorts, STANDARD_PORTS, type PortName, type Ports } from './native/ports.ts';
import { createDatabaseIfMissing, postgresDirectory, postgresServer } from './native/postgres.ts';
import { readServers, readStack, writeStack, type StartedServer } from './native/records.ts';
import { sandboxServer } from './native/sandbox.ts';
import { startServer, stopServer, type ServerSpec } from './native/server.ts';
import { temporalServer } from './native/temporal.ts';
import type { StackOwner } from './owner.ts';
import { isAlive } from './process-identity.mjs';
import type { StackProvider, StackStatus } from './provider.ts';
import { ensureTools, type Tools } from './tools/index.ts';

export interface NativeOptions {
  /** Several stacks may run at the same time, each with its own name. */
  readonly name: string;
  readonly owner: StackOwner;
  /** Defaults to .sagaline/<name> in the owner's folder. */
  readonly stateDirectory?: string;
  /** `standard`: the usual ports where they are free. `free`: never a usual one. */
  readonly ports: 'standard' | 'free';
  /** Keeps data from `down` to the next `up`; Temporal then writes a file and is slower. */
  readonly persist: boolean;
  /** See NativeContext. */
  readonly fsync: boolean;
  readonly report?: (message: string) => void;
}

const SANDBOX_SERVERS: ReadonlySet<string> = new Set(['payment', 'sms', 'smtp']);

const PORTS_OF: Record<string, readonly PortName[]> = {
  temporal: ['temporal', 'temporalUi'],
  kafka: ['kafka', 'kafkaController'],
  postgres: ['postgres'],
  sandbox: ['payment', 'sms', 'smtp'],
};

export function stateDirectoryOf({ root }: Pick<StackOwner, 'root'>, name: string): string {
  return join(root, '.sagaline', name);
}

export function createNativeStack(options: NativeOptions): StackProvider {
  const state = options.stateDirectory ?? stateDirectoryOf(options.owner, options.name);
  const exclusively = <T>(work: () => Promise<T>) => withLock(`${state}.lock`, work);

  return {
    name: 'native',

    async up() {
      const tools = await ensureTools(options.report ? { report: options.report } : {});
      return await exclusively(() => start(tools, state, options));
    },

    async down() {
      await exclusively(async () => {
        const started = await readServers(state);
        await Promise.all(started.map((server) => stopServer(server, state, 'gracefully')));
        if (!options.persist) await discard(state);
      });
    },

    status: () => statusOf(state, options.owner),

    logs: async (server, lines) => await tailsOf((await statusOf(state, options.owner)).servers, server, lines),
  };
}

async function start(tools: Tools, state: string, options: NativeOptions): Promise<ServerAddresses> {
  const running = new Set((await readServers(state)).filter(isAlive).map(({ name }) => name));
  // Temporal forgot its workflows; what the others remember of them would be wrong.
  if (running.size === 0 && !options.persist) await discard(state);

  const ports = await portsFor(readStack(state)?.ports, running, options.ports);
  const context: NativeContext = { ports, stateDirectory: state, persist: options.persist, fsync: options.fsync };
  const directory = await postgresDirectory(state, tools.postgres.user);
  await writeStack(state, { ports, postgresDirectory: directory });

  const { sandbox } = options.owner;
  const servers: Record<string, () => ServerSpec | Promise<ServerSpec>> = {
    temporal: () => temporalServer(tools.temporal, context),
    kafka: () => kafkaServer(tools, context),
    postgres: () => postgresServer(tools.postgres, context, directory),
    ...(sandbox ? { sandbox: () => sandboxServer(sandbox, context) } : {}),
  };
  const missing = Object.entries(servers).filter(([name]) => !running.has(name));
  await startAll(
    missing.map(([, spec]) => spec),
    state,
  );
  await createDatabaseIfMissing(ports);
  return addressesFor(ports, options.owner);
}

/** Starts all at once; if one fails, stops the others again and throws the first failure. */
async function startAll(specs: readonly (() => ServerSpec | Promise<ServerSpec>)[], state: string) {
  const outcomes = await Promise.allSettled(
    specs.map(async (prepare): Promise<StartedServer> => startServer(await prepare(), state)),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failed) return;
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') await stopServer(outcome.value, state, 'atOnce');
  }
  throw failed.reason;
}

/** A running server keeps its ports, and so does the gateway while anything runs; the others get theirs back if free. */
function portsFor(previous: Ports | undefined, running: ReadonlySet<string>, kind: 'standard' | 'free') {
  const kept = [...running].flatMap((name) => PORTS_OF[name] ?? []);
  if (running.size > 0) kept.push('gateway');
  const keep = Object.fromEntries(kept.flatMap((name) => (previous ? [[name, previous[name]]] : []))) as Partial<Ports>;
  return choosePorts(previous ?? (kind === 'standard' ? STANDARD_PORTS : {}), keep);
}

async function statusOf(state: string, owner: StackOwner): Promise<StackStatus> {
  const recorded = readStack(state);
  if (!recorded) return { provider: 'native', ready: false, addresses: undefined, servers: [] };
  const addresses = addressesFor(recorded.ports, owner);
  const processes = (await readServers(state)).filter(isAlive);
  const servers = (await checkAll(addresses)).map((server) => {
    const owner = processes.find(({ name }) => name === (SANDBOX_SERVERS.has(server.name) ? 'sandbox' : server.name));
    if (owner) return { ...server, pid: owner.pid, log: owner.log };
    // Whoever answers there is not ours.
    return { name: server.name, state: 'down' as const, reason: 'not running' };
  });
  return { provider: 'native', ready: servers.every((server) => server.state === 'up'), addresses, servers };
}

/** Removes data, but no log: somebody may want to know why. */
async function discard(state: string): Promise<void> {
  const recorded = readStack(state);
  const paths = ['kafka', 'postgres', 'sandbox', 'temporal.db', 'run', 'stack.json'].map((entry) => join(state, entry));
  await Promise.all(
    [...paths, ...(recorded ? [recorded.postgresDirectory] : [])].map((path) =>
      rm(path, { recursive: true, force: true }),
    ),
  );
}

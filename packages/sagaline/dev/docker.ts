/** The servers in containers, by docker compose; the sandbox, which needs nothing but Node, as a process of this machine. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCompose, dockerMissing, type ComposeProject } from './docker/compose.ts';
import { forgetPorts, readPorts, writePorts } from './docker/record.ts';
import { checkAll, healthChecks } from './health/servers.ts';
import { untilHealthy } from './health/wait.ts';
import { withLock } from './lock.mjs';
import { tailsOf } from './logs.ts';
import { stateDirectoryOf } from './native.ts';
import { addressesFor } from './native/addresses.ts';
import { choosePorts, STANDARD_PORTS, type Ports } from './native/ports.ts';
import { readServers } from './native/records.ts';
import { sandboxServer } from './native/sandbox.ts';
import { ServerFailed, startServer, stopServer } from './native/server.ts';
import type { StackOwner } from './owner.ts';
import { isAlive } from './process-identity.mjs';
import type { ServerStatus, StackProvider, StackStatus } from './provider.ts';

export interface DockerOptions {
  readonly owner: StackOwner;
  /** Several stacks may run at the same time, each with its own name. */
  readonly name: string;
  /** Keeps the volumes from `down` to the next `up`. */
  readonly persist: boolean;
  readonly report?: (message: string) => void;
}

/** Docker cannot be used on this machine. */
export class DockerUnavailable extends Error {
  override readonly name = 'DockerUnavailable';
}

/** From containers that run to servers that answer. */
const ANSWER_WITHIN_MS = 180_000;
const SANDBOX_SERVERS: ReadonlySet<string> = new Set(['payment', 'sms', 'smtp']);

export function createDockerStack({ owner, name, persist, report }: DockerOptions): StackProvider {
  const state = `${stateDirectoryOf(owner, name)}.docker`;
  const project = { composeFile: owner.composeFile, project: `sagaline-${name.toLowerCase()}` };
  const exclusively = <T>(work: () => Promise<T>) => withLock(`${state}.lock`, work);

  return {
    name: 'docker',

    async up() {
      const missing = await dockerMissing();
      if (missing) throw new DockerUnavailable(`the stack in Docker cannot be used: ${missing}`);
      return await exclusively(async () => {
        const ports = await choosePortsFor(project, state);
        await writePorts(state, ports);
        report?.('starting containers (docker compose)');
        await Promise.all([startContainers(project, ports, owner), startSandbox(owner, ports, state)]);
        return addressesFor(ports, owner);
      });
    },

    async down() {
      await exclusively(async () => {
        for (const server of await readServers(state)) await stopServer(server, state, 'gracefully');
        if (readPorts(state)) await createCompose(project)('down', ...(persist ? [] : ['--volumes']));
        if (persist) return;
        await forgetPorts(state);
        await rm(join(state, 'sandbox'), { recursive: true, force: true });
      });
    },

    status: () => statusOf(project, state, owner),

    async logs(server, lines) {
      const { servers } = await statusOf(project, state, owner);
      const sandbox = async () => await tailsOf(servers, server, lines);
      if (server && SANDBOX_SERVERS.has(server)) return await sandbox();
      const compose = createCompose(project, readPorts(state));
      const containers = await compose('logs', '--no-color', '--tail', String(lines), ...(server ? [server] : []));
      return server || !owner.sandbox ? containers : `${containers}\n${await sandbox()}`;
    },
  };
}

/** What runs keeps its ports; the others get theirs back, or the standard ones, if free. */
async function choosePortsFor(project: ComposeProject, state: string): Promise<Ports> {
  const previous = readPorts(state);
  const runs = (await runningServices(project)).size > 0 || (await readServers(state)).some(isAlive);
  return await choosePorts(previous ?? STANDARD_PORTS, runs ? (previous ?? {}) : {});
}

async function startContainers(project: ComposeProject, ports: Ports, owner: StackOwner): Promise<void> {
  const compose = createCompose(project, ports);
  const failed = async (what: string, error: unknown, ...services: string[]): Promise<never> => {
    const reason = error instanceof Error ? error.message : String(error);
    const log = await compose('logs', '--no-color', '--tail', '12', ...services).catch(() => '');
    throw new ServerFailed(`${what}: ${reason}\nThe end of the logs:\n${log}`, { cause: error });
  };
  await compose('up', '--detach', '--quiet-pull', ...owner.composeServices).catch((error: unknown) =>
    failed('the containers could not be started (without a registry, npm run stand-ins builds the images)', error),
  );
  for (const [name, check] of Object.entries(healthChecks(addressesFor(ports, owner)))) {
    if (SANDBOX_SERVERS.has(name)) continue;
    await untilHealthy(check, ANSWER_WITHIN_MS).catch((error: unknown) =>
      failed(`${name} does not answer in its container`, error, name),
    );
  }
}

async function startSandbox({ sandbox }: StackOwner, ports: Ports, stateDirectory: string): Promise<void> {
  if (!sandbox || (await readServers(stateDirectory)).some(isAlive)) return;
  const context = { ports, stateDirectory, persist: true, fsync: true };
  await startServer(sandboxServer(sandbox, context), stateDirectory);
}

async function statusOf(project: ComposeProject, state: string, owner: StackOwner): Promise<StackStatus> {
  const ports = readPorts(state);
  if (!ports) return { provider: 'docker', ready: false, addresses: undefined, servers: [] };
  const addresses = addressesFor(ports, owner);
  const running = await runningServices(project);
  const sandbox = (await readServers(state)).find(isAlive);
  const servers = (await checkAll(addresses)).map((server): ServerStatus => {
    const inSandbox = SANDBOX_SERVERS.has(server.name);
    // Whoever answers there otherwise is not ours.
    if (inSandbox ? !sandbox : !running.has(server.name)) {
      return { name: server.name, state: 'down', reason: 'not running' };
    }
    return inSandbox && sandbox ? { ...server, pid: sandbox.pid, log: sandbox.log } : server;
  });
  return { provider: 'docker', ready: servers.every(({ state }) => state === 'up'), addresses, servers };
}

async function runningServices(project: ComposeProject): Promise<ReadonlySet<string>> {
  const services = await createCompose(project)('ps', '--services', '--status', 'running').catch(() => '');
  return new Set(services.split(/\s+/).filter((name) => name !== ''));
}

/**
 * node reaper.mjs <state directory>: ends the servers and containers of a stack and removes its data as soon as standard
 * input ends, which it does when the owner closes it, and when the owner dies, in whatever way. Plain JavaScript, so that it
 * starts at once.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../process-identity.mjs';

const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 25;

const stateDirectory = process.argv[2];
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

function recordedServers() {
  const run = join(stateDirectory, 'run');
  if (!existsSync(run)) return [];
  const files = readdirSync(run).filter((file) => file.endsWith('.json'));
  return files.map((file) => read(join(run, file)));
}

async function end(server) {
  if (!isAlive(server)) return;
  process.kill(server.pid, server.atOnce);
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(server) && Date.now() < deadline) await delay(POLL_MS);
  if (isAlive(server)) process.kill(-server.pid, 'SIGKILL');
}

/** Those that carry the label of this stack; see stack/containers in the repository. */
async function removeContainers() {
  if (!existsSync(join(stateDirectory, 'containers'))) return;
  const { getContainerRuntimeClient } = await import('testcontainers');
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [`sagaline.stack=${stateDirectory}`] };
  const found = await dockerode.listContainers({ all: true, filters });
  // Another reaper, Testcontainers' own, may be faster.
  await Promise.allSettled(found.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true })));
}

async function reap() {
  await Promise.all([...recordedServers().map(end), removeContainers()]);
  const stack = join(stateDirectory, 'stack.json');
  const elsewhere = existsSync(stack) ? [read(stack).postgresDirectory] : [];
  for (const path of [...elsewhere, stateDirectory, `${stateDirectory}.lock`]) {
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }
}

// A Ctrl-C is meant for the owner.
process.on('SIGINT', () => undefined);
process.stdin.resume().on('end', () => void reap());

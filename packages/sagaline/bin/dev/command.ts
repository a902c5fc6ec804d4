/** sagaline dev: the servers, the application, and its restarts while its author works on it. */
import { join } from 'node:path';
import { environmentOf, type ServerAddresses } from '../../dev/addresses.ts';
import { stateDirectoryOf } from '../../dev/native.ts';
import { freePort, isFree } from '../../dev/native/ports.ts';
import { createStack } from '../../dev/providers.ts';
import { appFileOf } from '../app-file.ts';
import { ownerOf } from '../owner.ts';
import { createDevApplication } from './application.ts';
import { startPracticeFarEnd } from './far-end.ts';
import { invitation } from './invitation.ts';
import { devOptionsOf } from './options.ts';
import { createSagaTeller } from './tell-sagas.ts';
import { watchRepository } from './watch.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const FAR_END_PORT = 8090;
const HEALTH_PORT = 8081;
/** Nobody waits for what an author has rewritten already. */
const SHUTDOWN_TIMEOUT_MS = '5000';

/** @param launcher the command's own file, for the processes of the application */
export async function dev(args: readonly string[], launcher: string): Promise<void> {
  const { file: appFile, rest } = appFileOf(args);
  const { farEnd: variables, down } = devOptionsOf(rest);
  const owner = ownerOf(appFile);
  const interrupted = untilInterrupted();
  const stack = createStack(owner, process.env, say);

  const since = stopwatch();
  say('servers: Kafka, Temporal, PostgreSQL …');
  const addresses = await stack.up();
  const { provider } = await stack.status();
  say(`servers: up (${provider}) after ${since()}`);
  const state = `${stateDirectoryOf(owner, process.env.SAGALINE_STACK_NAME ?? owner.name)}${provider === 'docker' ? '.docker' : ''}`;

  const farEnd = variables.length === 0 ? undefined : await openFarEnd(variables, state);
  const logOf = (name: string) => join(state, 'logs', `${name}.log`);
  const application = createDevApplication({
    ...{ appFile, launcher, say, logOf, cwd: owner.root },
    environment: environmentFor(addresses, farEnd),
    gatewayUrl: addresses.gatewayUrl,
    healthPort: await portNear(HEALTH_PORT),
    onEnd: (what) => say(`${what}; it starts again when a file changes`),
  });
  const about = { name: owner.name, addresses, farEnd, log: logOf('app'), root: owner.root };

  // The first of several keys will do.
  const sagas = createSagaTeller(addresses.gatewayUrl, say, process.env.API_KEYS?.split(',')[0]?.trim());
  let told = false;
  async function start(): Promise<void> {
    const began = stopwatch();
    say('application: migrate, start …');
    if (!(await application.restart())) return;
    say(`application: ready after ${began()}`);
    if (!told) say(invitation(about));
    told = true;
    sagas.follow();
  }

  const watch = await watchRepository(owner.root, (files) => {
    say(`\nchanged: ${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`);
    void start();
  });
  await Promise.race([start().then(() => interrupted), interrupted]);

  watch.close();
  sagas.close();
  say('\nstopping the application …');
  await application.stop();
  await farEnd?.close();
  if (down) await stack.down();
  say(down ? 'application and servers are stopped' : 'the servers stay up, with their data: npx sagaline stack down');
  process.exit(0);
}

async function openFarEnd(variables: readonly string[], state: string) {
  // Beside the servers' data, and discarded with them: what it remembers is of sagas that are gone then.
  const farEnd = await startPracticeFarEnd({
    port: await portNear(FAR_END_PORT),
    file: join(state, 'sandbox', 'far-end.json'),
  });
  say(`far end: ${farEnd.url}  (${variables.join(', ')})`);
  return { ...farEnd, variables };
}

function environmentFor(
  addresses: ServerAddresses,
  farEnd: { readonly url: string; readonly variables: readonly string[] } | undefined,
): NodeJS.ProcessEnv {
  return {
    SHUTDOWN_TIMEOUT_MS,
    ...process.env,
    ...environmentOf(addresses),
    ...Object.fromEntries((farEnd?.variables ?? []).map((name) => [name, farEnd?.url])),
  };
}

const portNear = async (port: number): Promise<number> => ((await isFree(port)) ? port : freePort());

function stopwatch(): () => string {
  const began = performance.now();
  return () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
}

/** A second signal ends us at once; the application learns of it by itself. */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });
}

/**
 * npm run demo [-- --once] [--json]: servers, gateway and worker up, a scenario through Kafka, and what became of it.
 * With --attach the same against servers, gateway and workers that run already; nothing is started or stopped.
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  createStack,
  environmentOf,
  isFree,
  readConfig,
  type StackAddresses,
  stateDirectoryOf,
  withSandbox,
} from 'sagaline/dev';
import { REFERENCE } from '../reference.ts';
import { setUp } from '../setup.ts';
import { startApplication } from '../application.ts';
import { NothingToAttachTo, performAttached } from './attached.ts';
import { FOLLOW_UP_SETTINGS } from './follow-up.ts';
import { perform, type Performance } from './perform.ts';
import { invitation, verdictOf } from './report.ts';

const { values: options } = parseArgs({
  options: {
    attach: { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
/** With --json, standard output is for the result alone. */
const say = (text: string) => void (options.json ? process.stderr : process.stdout).write(`${text}\n`);
const began = Date.now();
/** The pipeline's own, from which the first free one is taken. */
const FIRST_HEALTH_PORT = 8081;
/** Undone last first, whatever happens. */
const cleanUps: (() => Promise<void>)[] = [];

const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('interrupted'));
});

async function demo(): Promise<boolean> {
  const stack = createStack(REFERENCE, process.env, say);
  const wasUp = (await stack.status()).ready;
  say('starting Kafka, Temporal, PostgreSQL and the sandbox …');
  if (!wasUp) cleanUps.push(() => stack.down());
  const addresses = withSandbox(await stack.up());
  await setUp(addresses);

  say(`servers are up after ${seconds()}; starting gateway, worker and pipeline …`);
  const environment = {
    SAGA_SETTINGS: FOLLOW_UP_SETTINGS,
    ...process.env,
    ...environmentOf(addresses),
  };
  const stateDirectory = stateDirectoryOf(REFERENCE, 'demo');
  await mkdir(stateDirectory, { recursive: true });
  const start = async (name: string, what: string, readyUrl: string) => {
    const onRestart = (how: string) => say(`\n${what} died (${how}); starting again: what was begun goes on`);
    const own = { ...environment, HEALTH_PORT: new URL(readyUrl).port };
    const application = await startApplication({ name, environment: own, readyUrl, stateDirectory, onRestart });
    cleanUps.push(() => application.stop());
    return application;
  };
  const [application, pipeline] = await Promise.all([
    start('all-in-one', 'gateway and worker', addresses.gatewayUrl),
    start('pipeline', 'the pipeline', `http://127.0.0.1:${await freeHealthPort()}`),
  ]);

  say(`ready after ${seconds()}`);
  const ok = tell(addresses, await perform({ addresses, config: readConfig(environment), say, pipeline }));
  if (!options.once) {
    say(invitation(addresses, application.pid()));
    await interrupted;
  }
  return ok;
}

/** Says how it ended. */
function tell(addresses: StackAddresses, performance: Performance): boolean {
  const durationMs = Date.now() - began;
  const { ok, text } = verdictOf(performance, durationMs);
  say(text);
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, durationMs, addresses, ...performance })}\n`);
  return ok;
}

/** Needs no Ctrl-C: there is nothing to stop. */
async function attachedDemo(): Promise<boolean> {
  const { addresses, servers, ready } = await createStack(REFERENCE, process.env, say).status();
  if (!addresses) throw new NothingToAttachTo('the stack is not up: npm run stack -- up, or give its addresses');
  if (!ready) {
    const down = servers.filter(({ state }) => state === 'down');
    throw new NothingToAttachTo(
      `not all servers answer: ${down.map(({ name, reason }) => `${name} (${String(reason)})`).join(', ')}`,
    );
  }
  const all = withSandbox(addresses);
  return tell(all, await performAttached(all, process.env, say));
}

async function freeHealthPort(): Promise<number> {
  for (let port = FIRST_HEALTH_PORT; ; port++) if (await isFree(port)) return port;
}

const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;

let exitCode = 1;
try {
  const ok = await Promise.race([options.attach ? attachedDemo() : demo(), interrupted]);
  exitCode = ok === true || (ok === 'interrupted' && !options.once && !options.attach) ? 0 : 1;
} catch (error) {
  say(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
}
for (const cleanUp of cleanUps.reverse()) {
  await cleanUp().catch((error: unknown) => say(`while cleaning up: ${String(error)}`));
}
process.exit(exitCode);

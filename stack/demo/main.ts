/**
 * npm run demo [-- --once] [--json]: servers, gateway and worker up, a scenario through Kafka, and what became of it.
 * With --attach the same against servers, gateway and workers that run already; nothing is started or stopped.
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../../gateways/config.ts';
import { environmentOf, type StackAddresses } from '../addresses.ts';
import { stateDirectoryOf } from '../native.ts';
import { createStack } from '../providers.ts';
import { setUp } from '../setup.ts';
import { startApplication } from '../application.ts';
import { NothingToAttachTo, performAttached } from './attached.ts';
import { FOLLOW_UP_SETTINGS } from './follow-up.ts';
import { perform } from './perform.ts';
import type { Journey } from './play.ts';
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
/** Undone last first, whatever happens. */
const cleanUps: (() => Promise<void>)[] = [];

const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('interrupted'));
});

async function demo(): Promise<boolean> {
  const stack = createStack(process.env, say);
  const wasUp = (await stack.status()).ready;
  say('starting Kafka, Temporal, PostgreSQL and the sandbox …');
  if (!wasUp) cleanUps.push(() => stack.down());
  const addresses = await stack.up();
  await setUp(addresses);

  say(`servers are up after ${seconds()}; starting gateway and worker …`);
  const environment = {
    SAGA_SETTINGS: FOLLOW_UP_SETTINGS,
    ...process.env,
    ...environmentOf(addresses),
  };
  const stateDirectory = stateDirectoryOf('demo');
  await mkdir(stateDirectory, { recursive: true });
  const application = await startApplication({
    environment,
    gatewayUrl: addresses.gatewayUrl,
    stateDirectory,
    onRestart: (how) => say(`\ngateway and worker died (${how}); starting them again: what they had begun goes on`),
  });
  cleanUps.push(() => application.stop());

  say(`ready after ${seconds()}`);
  const journeys = await perform({ addresses, config: readConfig(environment), say });
  const ok = tell(addresses, journeys);
  if (!options.once) {
    say(invitation(addresses, application.pid()));
    await interrupted;
  }
  return ok;
}

/** Says how it ended. */
function tell(addresses: StackAddresses, journeys: readonly Journey[]): boolean {
  const durationMs = Date.now() - began;
  const { ok, text } = verdictOf(journeys, durationMs);
  say(text);
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, durationMs, addresses, journeys })}\n`);
  return ok;
}

/** Needs no Ctrl-C: there is nothing to stop. */
async function attachedDemo(): Promise<boolean> {
  const { addresses, servers, ready } = await createStack(process.env, say).status();
  if (!addresses) throw new NothingToAttachTo('the stack is not up: npm run stack -- up, or give its addresses');
  if (!ready) {
    const down = servers.filter(({ state }) => state === 'down');
    throw new NothingToAttachTo(
      `not all servers answer: ${down.map(({ name, reason }) => `${name} (${String(reason)})`).join(', ')}`,
    );
  }
  return tell(addresses, await performAttached(addresses, process.env, say));
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

/** npm run demo [-- --once] [--json]: servers, gateway and worker up, a scenario through Kafka, and what became of it. */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../../gateways/config.ts';
import { createKafka } from '../../gateways/kafka/kafkajs/create-kafka.ts';
import { createLogger } from '../../gateways/logger.ts';
import { createDatabase } from '../../prisma/database.ts';
import { environmentOf } from '../addresses.ts';
import { stateDirectoryOf } from '../native.ts';
import { createStack } from '../providers.ts';
import { setUp } from '../setup.ts';
import { startApplication } from '../application.ts';
import { watchEvents } from '../events-seen.ts';
import { play, watchedTopics, type Journey } from './play.ts';
import { invitation, journeyOf, lineOf } from './report.ts';
import { scenes } from './scenes.ts';
import { createWorld } from './world.ts';

const { values: options } = parseArgs({
  options: { once: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
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
    // Sign-up's durable timer is 3 days; nobody wants to watch that.
    SAGA_SETTINGS: '{"signupSaga":{"followUpAfter":"4 seconds"}}',
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

  const config = readConfig(environment);
  const kafka = createKafka(config.kafka, createLogger({ name: 'demo', level: 'silent' }));
  const run = began.toString(36).slice(-5);
  const seen = await watchEvents(kafka, `demo-${run}`, watchedTopics(scenes));
  cleanUps.push(() => seen.close());
  const producer = await kafka.createProducer();
  cleanUps.push(() => producer.close());
  const database = createDatabase({ ...config.database, poolSize: 2 });
  cleanUps.push(() => database.$disconnect());
  const world = createWorld({ addresses, producer, events: seen, database });

  say(`ready after ${seconds()}; playing ${scenes.length} scenes through Kafka\n`);
  const journeys = await Promise.all(
    scenes.map(async (scene): Promise<Journey> => {
      const journey = await play(scene, `${scene.name}-${run}`, world);
      say(lineOf(journey));
      return journey;
    }),
  );
  const ok = journeys.every(({ problems }) => problems.length === 0);
  say(`\nWhat became of each\n\n${journeys.map(journeyOf).join('\n\n')}\n`);
  say(ok ? `every scene ended as the scenario says, after ${seconds()}` : 'NOT every scene ended as the scenario says');
  if (options.json)
    process.stdout.write(`${JSON.stringify({ ok, durationMs: Date.now() - began, addresses, journeys })}\n`);
  if (!options.once) {
    say(invitation(addresses, application.pid()));
    await interrupted;
  }
  return ok;
}

const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;

let exitCode = 1;
try {
  const ok = await Promise.race([demo(), interrupted]);
  exitCode = ok === true || (ok === 'interrupted' && !options.once) ? 0 : 1;
} catch (error) {
  say(`the demo failed: ${error instanceof Error ? error.message : String(error)}`);
}
for (const cleanUp of cleanUps.reverse()) {
  await cleanUp().catch((error: unknown) => say(`while cleaning up: ${String(error)}`));
}
process.exit(exitCode);

/**
 * npm run bench:pipeline: how fast events become views, on a stack of its own, beside a bare consumer in the same run. Says what
 * was aimed at and what was reached; it is no test, and ends well whatever the figures.
 */
import { availableParallelism, loadavg } from 'node:os';
import { Pool } from 'pg';
import { app } from '../app.ts';
import { declarationsOf } from '../packages/sagaline/app/define-app.ts';
import { readConfig } from '../packages/sagaline/config/config.ts';
import { createKafka } from '../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { createRoutes } from '../packages/sagaline/dispatch/dispatch.ts';
import { createLogger } from '../packages/sagaline/ground/logger.ts';
import { createProjections } from '../packages/sagaline/pipeline/projections.ts';
import { findSagas } from '../packages/sagaline/sagas/find-sagas.ts';
import { environmentOf } from '../packages/sagaline/dev/addresses.ts';
import { startEphemeralStack } from '../stack/ephemeral.ts';
import { choosePorts } from '../packages/sagaline/dev/native/ports.ts';
import { catchUp } from './pipeline/catch-up.ts';
import { fill, recordsOn } from './pipeline/fill.ts';
import { measureFreshness } from './pipeline/freshness.ts';
import { measureHttp } from './pipeline/http-batches.ts';
import { measureMemory, recordsApplied } from './pipeline/memory.ts';
import { readOptions } from './pipeline/options.ts';
import { run, type Running } from './pipeline/product.ts';
import { tableOf, type Figures } from './pipeline/report.ts';
import { catalogueOf } from '../packages/sagaline/process/catalogue.ts';

const options = readOptions(process.argv.slice(2));
const say = (text: string) =>
  void process.stderr.write(`${text} (load ${loadavg()[0]?.toFixed(1) ?? '?'} on ${availableParallelism()} cores)\n`);

say('starting the stack …');
const stack = await startEphemeralStack({ name: 'bench' });
const { gateway: healthPort } = await choosePorts({});
const environment = {
  ...process.env,
  ...environmentOf(stack.addresses),
  ...{ LOG_LEVEL: 'warn', GATEWAY_PARTS: 'http', HEALTH_PORT: String(healthPort) },
};
const config = readConfig(environment, { declared: declarationsOf(app) });
const kafka = createKafka(config.kafka, createLogger({ name: 'bench', level: 'warn' }));
const sagas = await findSagas(app.sagas);
const catalogue = catalogueOf(app, sagas);
const projections = createProjections({ app, config, routes: createRoutes(sagas), catalogue });
const topicsOf = (name: string) => projections.find((projection) => projection.name === name)?.topics ?? [];
const pool = new Pool({ connectionString: stack.addresses.databaseUrl, max: 1 });
const figures: Figures = { catchUp: {} };

const runPipeline = () => run('pipeline.ts', environment, `http://127.0.0.1:${healthPort}`);

/** In turns, so that what else the machine does hits everybody alike. */
async function catchUpAll(): Promise<void> {
  say(`${options.events} records onto their topics …`);
  await fill(kafka, 'first', options.events);
  for (let round = 0; round < options.rounds; round++) {
    for (const name of ['bare', ...options.projections]) {
      say(`round ${round + 1}: ${name} catches up …`);
      await pool.query(`DROP TABLE IF EXISTS public."bare"; DROP SCHEMA IF EXISTS "projection_${name}" CASCADE`);
      const topics = topicsOf(name === 'bare' ? 'archive' : name);
      const asNew = { ...environment, KAFKA_GROUP_ID: `bench-${name}-${round}` };
      const caughtUp = await catchUp({ name, environment: asNew, topics, profiles: options.profiles });
      (figures.catchUp[name] ??= []).push(caughtUp);
    }
  }
}

async function freshness(gatewayUrl: string): Promise<void> {
  const pipeline = await runPipeline();
  const producer = await kafka.createProducer();
  try {
    await untilCaughtUp();
    say('single log lines, until they are found …');
    figures.freshness = await measureFreshness(producer, gatewayUrl);
  } finally {
    await producer.close();
    await pipeline.stop();
  }
}

async function memory(): Promise<void> {
  say(`${options.memoryEvents} records onto their topics, for all projections …`);
  await fill(kafka, 'million', options.memoryEvents);
  const pipeline = await runPipeline();
  try {
    figures.memory = await measureMemory(pipeline.pid, behind, options.memoryEvents);
  } finally {
    await pipeline.stop();
  }
}

/** Records that the projections together have still to apply. */
async function behind(): Promise<number> {
  const ends = await Promise.all(projections.map(({ topics }) => recordsOn(kafka, topics)));
  const names = projections.map(({ name }) => name);
  return ends.reduce((sum, end) => sum + end, 0) - (await recordsApplied(pool, names));
}

async function untilCaughtUp(): Promise<void> {
  while ((await behind()) > 0) await new Promise((resolve) => setTimeout(resolve, 500));
}

let gateway: Running | undefined;
try {
  const has = (part: (typeof options.parts)[number]) => options.parts.includes(part);
  const { gatewayUrl } = stack.addresses;
  if (has('catch-up')) await catchUpAll();
  if (has('freshness') || has('http')) gateway = await run('gateway.ts', environment, gatewayUrl);
  if (has('freshness')) await freshness(gatewayUrl);
  if (has('memory')) await memory();
  if (has('http')) {
    say('batches by HTTP …');
    figures.http = await measureHttp(kafka, gatewayUrl);
  }
  process.stdout.write(options.json ? `${JSON.stringify(figures, undefined, 2)}\n` : tableOf(figures));
} finally {
  await gateway?.stop();
  await pool.end();
  await stack.down();
}
process.exit();

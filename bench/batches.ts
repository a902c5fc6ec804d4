/**
 * node stack/bootstrap.mjs bench/batches.ts: NDJSON batches by HTTP into Kafka, through a gateway process of its own; nothing but
 * its HTTP part runs. What was answered is then counted on Kafka.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readConfig } from '../gateways/config.ts';
import { createKafka } from '../gateways/kafka/kafkajs/create-kafka.ts';
import { createLogger } from '../gateways/logger.ts';
import { environmentOf } from '../stack/addresses.ts';
import { startEphemeralStack } from '../stack/ephemeral.ts';
import { untilHealthy } from '../stack/health/wait.ts';
import { inParallel, percentile } from './timing.ts';

const BATCH = 1_000;
const BATCHES = 200;
const WARM_UP = 20;
const AT_ONCE = 4;

const say = (text: string) => void process.stderr.write(`${text}\n`);

const activity = (n: number) => ({
  userId: `u-${n % 5_000}`,
  action: 'viewed',
  page: `/products/${n}`,
  sku: `sku-${n}`,
});
const log = (n: number) => ({
  ...{ service: `service-${n % 20}`, level: 'info', message: `request ${n} took ${n % 300} ms` },
  ...{ at: new Date(Date.UTC(2026, 0, 1) + n).toISOString(), attributes: { route: '/v1/things', status: 200 } },
});
const ndjson = (event: (n: number) => object) =>
  Buffer.from(Array.from({ length: BATCH }, (_, n) => `${JSON.stringify(event(n))}\n`).join(''));

say('starting the stack …');
const stack = await startEphemeralStack({ name: 'bench' });
const environment = { ...process.env, LOG_LEVEL: 'warn', GATEWAY_PARTS: 'http', ...environmentOf(stack.addresses) };
const gateway = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../gateways/gateway.ts')], {
  env: environment,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { gatewayUrl } = stack.addresses;
const kafka = createKafka(readConfig(environment).kafka, createLogger({ name: 'bench', level: 'silent' }));

async function post(path: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { 'Content-Type': 'application/x-ndjson' };
  const response = await fetch(new URL(path, gatewayUrl), { method: 'POST', headers, body });
  const { accepted } = (await response.json()) as { accepted?: number };
  if (accepted !== BATCH) throw new Error(`${response.status}: ${accepted ?? 0} of ${BATCH} records accepted`);
}

async function measure(path: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  await inParallel(WARM_UP, AT_ONCE, () => post(path, body));
  const cpuBefore = await cpuSeconds();
  const { latenciesMs, perSecond } = await inParallel(BATCHES, AT_ONCE, () => post(path, body));
  const [p50, p99] = [percentile(latenciesMs, 50), percentile(latenciesMs, 99)].map((ms) => ms.toFixed(0));
  const size = Math.round(body.length / BATCH);
  const cpu = ((await cpuSeconds()) - cpuBefore) / (BATCHES * BATCH);
  process.stdout.write(
    `${path.padEnd(14)} ${Math.round(perSecond * BATCH)} events/s (${size} bytes each, batches of ${BATCH}, ${AT_ONCE} at once); ` +
      `${(cpu * 1e6).toFixed(1)} µs of the gateway's CPU each; a batch p50 ${p50} ms, p99 ${p99} ms\n`,
  );
}

/** What the gateway has used so far: on a busy machine it says more than the clock. */
async function cpuSeconds(): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', gatewayUrl))).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1]);
}

/** What the topics have, as the broker says. */
async function recordsOf(topics: readonly string[]): Promise<bigint> {
  const partitions = (await Promise.all(topics.map((topic) => kafka.offsetsOf(topic)))).flat();
  return partitions.reduce((sum, { low, high }) => sum + high - low, 0n);
}

try {
  await untilHealthy(async () => {
    const { ok, status } = await fetch(new URL('/readyz', gatewayUrl));
    if (!ok) throw new Error(`the gateway answers ${status}`);
  }, 60_000);
  await measure('/v1/activity', ndjson(activity));
  await measure('/v1/logs', ndjson(log));
  const accepted = 2 * (WARM_UP + BATCHES) * BATCH;
  process.stdout.write(`on Kafka: ${await recordsOf(['user.activity', 'service.log'])} of ${accepted} accepted\n`);
} finally {
  gateway.kill('SIGTERM');
  if (gateway.exitCode === null && gateway.signalCode === null) await once(gateway, 'exit');
  await stack.down();
}

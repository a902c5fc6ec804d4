/**
 * npm run bench: orders from a Kafka producer to their outcome on Kafka, through everything (ingest, Temporal, payment
 * provider, mail server, database, relay), beside a hand-written saga on the same Temporal server in the same run.
 */
import { readConfig } from '../packages/sagaline/config/config.ts';
import { createKafka } from '../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { createLogger } from '../packages/sagaline/ground/logger.ts';
import { environmentOf } from '../packages/sagaline/dev/addresses.ts';
import { startApplication } from '../stack/application.ts';
import { startEphemeralStack } from '../stack/ephemeral.ts';
import { watchEvents } from '../stack/events-seen.ts';
import { measureBaseline } from './baseline.ts';
import { percentile, type Timing } from './timing.ts';

const STEADY_PER_SECOND = 5;
const STEADY_COUNT = 100;
const BURST = 500;

const say = (text: string) => void process.stderr.write(`${text}\n`);

say('starting the stack …');
const stack = await startEphemeralStack({ name: 'bench' });
const environment = { ...process.env, LOG_LEVEL: 'warn', ...environmentOf(stack.addresses) };
const application = await startApplication({
  environment,
  name: 'all-in-one',
  readyUrl: stack.addresses.gatewayUrl,
  stateDirectory: stack.directory,
  onRestart: (how) => say(`gateway and worker died: ${how}; figures are worthless`),
});
const kafka = createKafka(readConfig(environment).kafka, createLogger({ name: 'bench', level: 'silent' }));
const producer = await kafka.createProducer();
const seen = await watchEvents(kafka, 'bench', ['order.completed'], 120_000);

const order = (orderId: string) => ({
  topic: 'order.created',
  key: orderId,
  headers: {},
  value: JSON.stringify({
    orderId,
    customerId: 'c-1',
    amount: 1999,
    currency: 'EUR',
    items: [{ sku: 'book', quantity: 1, unitPrice: 1999 }],
    contact: { email: 'ada@customer.example' },
    paymentMethod: { token: 'tok_ok' },
  }),
});
const outcome = (orderId: string) => seen.first(`outcome of ${orderId}`, ({ key }) => key === orderId);

async function steady(name: string, count: number): Promise<number[]> {
  const latencies: Promise<number>[] = [];
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    latencies.push(
      producer.send([order(`${name}-${index}`)]).then(async () => {
        await outcome(`${name}-${index}`);
        return performance.now() - began;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 1000 / STEADY_PER_SECOND));
  }
  return Promise.all(latencies);
}

async function burst(): Promise<number> {
  const ids = Array.from({ length: BURST }, (_, index) => `burst-${index}`);
  const began = performance.now();
  await producer.send(ids.map(order));
  await Promise.all(ids.map(outcome));
  return (BURST * 1000) / (performance.now() - began);
}

function show(what: string, { latenciesMs, perSecond }: Timing): void {
  const [p50, p99] = [percentile(latenciesMs, 50), percentile(latenciesMs, 99)];
  process.stdout.write(
    `${what.padEnd(34)} p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms; burst ${perSecond.toFixed(1)}/s\n`,
  );
}

try {
  say('warming up …');
  await steady('warm-up', 25);
  say(`${STEADY_COUNT} orders at ${STEADY_PER_SECOND}/s, then ${BURST} at once …`);
  const sagaline: Timing = { latenciesMs: await steady('steady', STEADY_COUNT), perSecond: await burst() };
  say('the hand-written baseline …');
  const baseline = await measureBaseline(stack.addresses, { single: STEADY_COUNT, burst: BURST });
  show('Sagaline, Kafka to Kafka', sagaline);
  show('hand-written saga, engine only', baseline);
  const latency = percentile(sagaline.latenciesMs, 50) / percentile(baseline.latenciesMs, 50);
  process.stdout.write(
    `ratio                              latency ${latency.toFixed(2)}, rate ${(sagaline.perSecond / baseline.perSecond).toFixed(2)}\n`,
  );
} finally {
  await seen.close();
  await producer.close();
  await application.stop();
  await stack.down();
}
process.exit();

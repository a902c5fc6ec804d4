/** NDJSON batches by HTTP into Kafka, through a gateway process; what was answered is then counted on Kafka. */
import type { Kafka } from '../../packages/sagaline/kafka/port.ts';
import { inParallel, percentile } from '../timing.ts';
import { recordsOn } from './fill.ts';

export interface HttpFigures {
  readonly path: string;
  readonly perSecond: number;
  readonly bytes: number;
  /** µs of the gateway's CPU for each event: on a busy machine it says more than the clock. */
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const BATCH = 1_000;
const BATCHES = 200;
const WARM_UP = 20;
const AT_ONCE = 4;

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

/** @throws Error when a batch is not accepted, or Kafka has another number of records than was accepted */
export async function measureHttp(kafka: Kafka, gatewayUrl: string): Promise<HttpFigures[]> {
  const topics = ['user.activity', 'service.log'];
  const before = await recordsOn(kafka, topics);
  const figures = [
    await measure(gatewayUrl, '/v1/activity', ndjson(activity)),
    await measure(gatewayUrl, '/v1/logs', ndjson(log)),
  ];
  const arrived = (await recordsOn(kafka, topics)) - before;
  const accepted = figures.length * (WARM_UP + BATCHES) * BATCH;
  if (arrived !== accepted) throw new Error(`Kafka has ${arrived} of ${accepted} accepted records`);
  return figures;
}

async function measure(gatewayUrl: string, path: string, body: Uint8Array<ArrayBuffer>): Promise<HttpFigures> {
  const send = () => post(new URL(path, gatewayUrl), body);
  await inParallel(WARM_UP, AT_ONCE, send);
  const cpuBefore = await cpuSeconds(gatewayUrl);
  const { latenciesMs, perSecond } = await inParallel(BATCHES, AT_ONCE, send);
  return {
    path,
    perSecond: perSecond * BATCH,
    bytes: Math.round(body.length / BATCH),
    cpuMicros: (((await cpuSeconds(gatewayUrl)) - cpuBefore) * 1e6) / (BATCHES * BATCH),
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
  };
}

async function post(url: URL, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { 'Content-Type': 'application/x-ndjson' };
  const response = await fetch(url, { method: 'POST', headers, body });
  const { accepted } = (await response.json()) as { accepted?: number };
  if (accepted !== BATCH) throw new Error(`${response.status}: ${accepted ?? 0} of ${BATCH} records accepted`);
}

async function cpuSeconds(gatewayUrl: string): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', gatewayUrl))).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1]);
}

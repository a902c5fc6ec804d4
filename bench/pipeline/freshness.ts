/** How long after its sending a log line is found by GET /v1/search, at a low and steady rate, while every projection runs. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordProducer } from '../../packages/sagaline/kafka/port.ts';
import { fetchJson } from '../../packages/sagaline/dev/fetch-json.ts';
import { percentile } from '../timing.ts';
import { logLine } from './mix.ts';

export interface FreshnessFigures {
  readonly lines: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How long one search takes meanwhile, found or not. */
  readonly searchP50Ms: number;
}

const WARM_UP = 20;
const LINES = 250;
const EVERY_MS = 100;
/** Not more often: the questions for some lines would hold up the writing of the others. */
const ASK_AGAIN_MS = 50;
const FOUND_WITHIN_MS = 60_000;

/** @throws Error when a line is not found within a minute */
export async function measureFreshness(producer: RecordProducer, gatewayUrl: string): Promise<FreshnessFigures> {
  const searches: number[] = [];
  const look = (run: string, count: number) =>
    latencies(producer, (word) => find(gatewayUrl, word, searches), run, count);
  await look('warm', WARM_UP);
  searches.length = 0;
  const all = await look('fresh', LINES);
  return {
    lines: LINES,
    p50Ms: percentile(all, 50),
    p99Ms: percentile(all, 99),
    searchP50Ms: percentile(searches, 50),
  };
}

type Find = (word: string) => Promise<boolean>;

async function latencies(producer: RecordProducer, find: Find, run: string, count: number): Promise<number[]> {
  const found: Promise<number>[] = [];
  for (let n = 0; n < count; n++) {
    found.push(untilFound(producer, find, `${run}${n}x${Date.now()}`));
    await delay(EVERY_MS);
  }
  return Promise.all(found);
}

async function untilFound(producer: RecordProducer, find: Find, word: string): Promise<number> {
  const line = { ...logLine(1, new Date()), message: `looked for: ${word}` };
  const began = performance.now();
  await producer.send([{ topic: 'service.log', key: line.service, value: JSON.stringify(line), headers: {} }]);
  for (;;) {
    const isFound = await find(word);
    const ms = performance.now() - began;
    if (isFound) return ms;
    if (ms > FOUND_WITHIN_MS) throw new Error(`a log line was not found within ${FOUND_WITHIN_MS} ms`);
    await delay(ASK_AGAIN_MS);
  }
}

async function find(gatewayUrl: string, word: string, searches: number[]): Promise<boolean> {
  const began = performance.now();
  const page = await fetchJson<{ items: unknown[] }>(`${gatewayUrl}/v1/search?kind=log&q=${word}`);
  searches.push(performance.now() - began);
  return page.items.length > 0;
}

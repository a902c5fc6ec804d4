import { setTimeout as delay } from 'node:timers/promises';
import { faultOf, type Fault } from '../ground/fault.ts';
import { Undecided } from './judge.ts';

/**
 * Pauses between attempts, ms. Few: who waits here holds its partition, and the consumer, which waits for whole batches, others too.
 * What lasts longer is thrown, and the records come again after a growing pause of their partition alone.
 */
const DELAYS_MS = [100, 200, 400, 1_000];
/** Attempts may be slow themselves (a server that does not answer): after this time no other one begins. */
const MAX_TOTAL_MS = 5_000;
/** What is neither an outage nor the record's fault may be a hiccup. */
const UNKNOWN_ATTEMPTS = 3;

/** Why nothing new may begin: the batch is somebody else's now. */
export class BatchAbandoned extends Error {
  override readonly name = 'BatchAbandoned';
  constructor() {
    super('the partition was taken away, or the consumer stops');
  }
}

/** Runs an idempotent operation, and again when it fails. */
export type Retry = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

/** What a failure of ingest is: see {@link faultOf}. */
export function ingestFaultOf(error: unknown): Fault {
  return error instanceof Undecided ? 'outage' : faultOf(error);
}

/**
 * Tries again what may pass by itself. What is refused for its content is thrown at once: it would be refused for ever.
 *
 * @param onRetry told of every failure but the last, which is thrown
 */
export function createRetry(signal: AbortSignal, onRetry: (operation: string, error: unknown) => void): Retry {
  return async function retry(operation, run) {
    const began = performance.now();
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) throw new BatchAbandoned();
      try {
        return await run();
      } catch (error) {
        const delayMs = DELAYS_MS[attempt - 1];
        const isOver = delayMs === undefined || performance.now() - began > MAX_TOTAL_MS;
        if (isOver || attempt >= attemptsFor(ingestFaultOf(error))) throw error;
        onRetry(operation, error);
        await delay(delayMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      }
    }
  };
}

function attemptsFor(fault: Fault): number {
  return fault === 'content' ? 1 : fault === 'unknown' ? UNKNOWN_ATTEMPTS : Infinity;
}

import { setTimeout as delay } from 'node:timers/promises';

/** Seven attempts within about ten seconds; then the consumer starts over with the same records. */
const DELAYS_MS = [100, 200, 400, 1_000, 3_000, 5_000];

/** Why nothing new may begin: the batch is somebody else's now. */
export class BatchAbandoned extends Error {
  override readonly name = 'BatchAbandoned';
  constructor() {
    super('the partition was taken away, or the consumer stops');
  }
}

/** Runs an idempotent operation, and again when it fails. */
export type Retry = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

/**
 * Errors of the world (a server that is down, a deadlock) pass; the record's own faults were told apart before.
 *
 * @param onRetry told of every failure but the last, which is thrown
 */
export function createRetry(signal: AbortSignal, onRetry: (operation: string, error: unknown) => void): Retry {
  return async function retry(operation, run) {
    for (const delayMs of DELAYS_MS) {
      if (signal.aborted) throw new BatchAbandoned();
      try {
        return await run();
      } catch (error) {
        onRetry(operation, error);
        await delay(delayMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      }
    }
    if (signal.aborted) throw new BatchAbandoned();
    return run();
  };
}

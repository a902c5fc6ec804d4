import type { ConsumedBatch } from '../kafka/port.ts';

/** Well below any session timeout; the consumer itself thins them out. */
const INTERVAL_MS = 1_000;

/**
 * Runs `work` with heartbeats all the while. The signal is aborted once the partition is gone or the consumer stops: what is
 * in hand may end, nothing new may begin.
 */
export async function withHeartbeats<T>(batch: ConsumedBatch, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abandoned = new AbortController();
  let beating = false;
  const beat = setInterval(() => {
    if (!batch.isActive()) return abandoned.abort();
    if (beating) return;
    beating = true;
    batch.heartbeat().then(
      () => (beating = false),
      () => abandoned.abort(),
    );
  }, INTERVAL_MS);
  try {
    return await work(abandoned.signal);
  } finally {
    clearInterval(beat);
  }
}

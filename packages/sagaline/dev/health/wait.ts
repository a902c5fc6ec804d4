import { setTimeout as delay } from 'node:timers/promises';

/** Asks a server one question of its own protocol; throws when the answer does not come or is wrong. */
export type HealthCheck = (timeoutMs: number) => Promise<void>;

const ATTEMPT_MS = 3_000;
const PAUSE_MS = 50;

/** Asks until the answer is right. @throws the last failure when `timeoutMs` is over, or the reason of `signal` */
export async function untilHealthy(check: HealthCheck, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      await check(ATTEMPT_MS);
      return;
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await delay(PAUSE_MS);
  }
}

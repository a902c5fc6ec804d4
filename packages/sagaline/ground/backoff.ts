import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Doubles from `firstMs` up to `maxMs`, a quarter more or less, so that those who lost the same server do not come back at once. */
export function backoffMs(failures: number, { firstMs, maxMs }: BackoffBounds): number {
  return Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1)) * (0.75 + Math.random() / 2);
}

/** Waits, at most until the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

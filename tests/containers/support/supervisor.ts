import { setTimeout as delay } from 'node:timers/promises';
import type { Machine } from '../../integration/faults/support/machine.ts';

const BEFORE_NEXT_START_MS = 500;

export interface Supervised {
  /** By what it ended, every time; empty if it never did. */
  readonly ends: readonly string[];
  /** From now on its end is wanted. */
  readonly stop: () => void;
}

/** Starts a process, and starts it again whenever it ends, as any process manager does. */
export async function supervise(machine: Machine, part: 'gateway' | 'worker'): Promise<Supervised> {
  const ends: string[] = [];
  const unwanted = new AbortController();
  let current = await machine.launch(part);

  async function again(): Promise<void> {
    while (!unwanted.signal.aborted) {
      await delay(BEFORE_NEXT_START_MS);
      try {
        current = await machine.launch(part);
        return;
      } catch (error) {
        // Nobody answers yet: it says so, ends, and is started again.
        ends.push(error instanceof Error ? error.message : String(error));
      }
    }
  }

  async function watch(): Promise<void> {
    for (;;) {
      const how = await current.ended;
      if (unwanted.signal.aborted) return;
      ends.push(String(how));
      await again();
    }
  }

  void watch();
  return { ends, stop: () => unwanted.abort() };
}

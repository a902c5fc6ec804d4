import { setTimeout as delay } from 'node:timers/promises';
import type { Machine, RunningProcess } from '../../integration/faults/support/machine.ts';

const BEFORE_NEXT_START_MS = 500;
/** Longer than any outage of these tests, also on a machine that has other things to do. */
const GIVE_UP_AFTER_MS = 240_000;

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

  async function start(): Promise<RunningProcess> {
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      try {
        return await machine.launch(part);
      } catch (error) {
        // Nobody answers yet: it says so, ends, and is started again.
        ends.push(error instanceof Error ? error.message : String(error));
        if (unwanted.signal.aborted || Date.now() > deadline) throw error;
      }
      await delay(BEFORE_NEXT_START_MS);
    }
  }

  async function keep(first: RunningProcess): Promise<void> {
    for (let current = first; ; current = await start()) {
      const how = await current.ended;
      if (unwanted.signal.aborted) return;
      ends.push(String(how));
    }
  }

  const first = await start();
  // That it cannot be started any more is seen by whoever waits for what it should do.
  keep(first).catch(() => undefined);
  return { ends, stop: () => unwanted.abort() };
}

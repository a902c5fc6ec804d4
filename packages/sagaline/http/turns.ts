import { unavailable } from './problem.ts';
import { tooMany } from './gate.ts';

export interface TurnsOptions {
  /** Worked on at the same time. */
  readonly atOnce: number;
  /** Waiting for that, at most; further ones are refused at once. */
  readonly waiting: number;
  /** How long one may wait, in ms. */
  readonly waitMs: number;
}

export interface Turns {
  /** Waits for a turn, in order. @throws Problem too-many-requests, unavailable */
  take<T>(work: () => Promise<T>): Promise<T>;
}

/** Lets some work be done at the same time and the rest wait, in order, a bounded number for a bounded time. */
export function createTurns({ atOnce, waiting, waitMs }: TurnsOptions): Turns {
  const queue = new Set<() => void>();
  let busy = 0;

  async function admitted(): Promise<void> {
    if (busy < atOnce) {
      busy++;
      return;
    }
    if (queue.size >= waiting) throw tooMany(`${atOnce} reads are being worked on, and ${queue.size} wait`);
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        clearTimeout(patience);
        resolve();
      };
      const patience = setTimeout(() => {
        queue.delete(go);
        reject(unavailable('other reads take all the time that there is for them; repeat the request'));
      }, waitMs);
      queue.add(go);
    });
  }

  /** The turn passes on: it is never free in between, so that nobody overtakes. */
  function pass(): void {
    const [next] = queue;
    if (!next) {
      busy--;
      return;
    }
    queue.delete(next);
    next();
  }

  return {
    async take(work) {
      await admitted();
      try {
        return await work();
      } finally {
        pass();
      }
    },
  };
}

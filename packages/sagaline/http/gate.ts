import { Problem } from './problem.ts';

/** Lets `max` in at the same time. */
export interface Gate {
  /**
   * Takes a place: the check and the count are one step, so call it before anything is awaited.
   *
   * @returns the way out; calling it again changes nothing
   * @throws Problem too-many-requests when all places are taken
   */
  enter(): () => void;
}

export interface GateOptions {
  readonly max: number;
  /** What all places are taken by, for the caller: `16 batches are on their way to Kafka`. */
  readonly full: string;
  readonly retryAfterSeconds?: number;
}

/** Bounds what is in hand at the same time, of whatever kind. A place is held until its way out is called, however long that takes. */
export function createGate({ max, full, retryAfterSeconds = 1 }: GateOptions): Gate {
  let inside = 0;
  return {
    enter() {
      if (inside >= max) throw tooMany(full, retryAfterSeconds);
      inside++;
      let left = false;
      return () => {
        if (!left) inside--;
        left = true;
      };
    },
  };
}

/** A 429 that says when to come back. */
export function tooMany(what: string, retryAfterSeconds = 1): Problem {
  return new Problem('too-many-requests', `${what}; try again soon`, {
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });
}

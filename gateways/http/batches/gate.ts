import { Problem } from '../problem.ts';

/** Lets `max` in at the same time. */
export interface Gate {
  /** @returns the way out, to be called once; @throws Problem too-many-requests when all places are taken */
  enter(): () => void;
}

/**
 * Bounds the batches in memory. Its places outlast the answer: when Kafka hangs, a batch that was answered 503 still waits in the
 * producer, and callers that repeat it must not fill this process with copies.
 */
export function createGate(max: number): Gate {
  let inside = 0;
  return {
    enter() {
      if (inside >= max) {
        throw new Problem('too-many-requests', `${max} batches are on their way to Kafka; try again soon`, {
          headers: { 'Retry-After': '1' },
        });
      }
      inside++;
      return () => {
        inside--;
      };
    },
  };
}

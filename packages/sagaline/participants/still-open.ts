import { ApplicationFailure } from '@temporalio/common';

/** Looked at sooner than it is due, because attempts end sooner as a rule. */
const MAX_WAIT_MS = 1_000;

/**
 * Temporal takes a delay of 0 for "do not try again": whatever comes out of two clocks is at least this, when it is NaN too. The only
 * place where a delay of ours is made.
 */
const MIN_WAIT_MS = 1;

/** Another attempt may still be at it: too early to begin, or to say that there is nothing to undo. Retryable, and soon. */
export abstract class StillOpen extends ApplicationFailure {
  /** @param openForMs after which no attempt can be at it */
  constructor(type: string, message: string, openForMs: number) {
    super(message, type, false, undefined, undefined, waitOf(openForMs));
  }
}

/** For how long to wait before asking again, in whole ms. */
function waitOf(openForMs: number): number {
  return openForMs > MIN_WAIT_MS ? Math.min(Math.ceil(openForMs), MAX_WAIT_MS) : MIN_WAIT_MS;
}

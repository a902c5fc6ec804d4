/**
 * What can go wrong in a saga's own code, told from what a participant reports. Classes defined here are no
 * TemporalFailure, so that throwing one fails the workflow task, not the saga: a deploy mends it (kernel rule 5).
 */
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { MAX_REASON } from '../contracts/limits.ts';
import { storableText } from '../contracts/text.ts';

/** The saga's code broke a rule of the kernel, or simply has a bug. Nobody is refunded for it. */
export class ProgrammingError extends Error {
  override readonly name: string = 'ProgrammingError';
}

/** Two steps of one name: their idempotency keys would be equal. */
export class DuplicateStep extends ProgrammingError {
  override readonly name = 'DuplicateStep';
  constructor(step: string) {
    super(`step ${step} exists already in this saga: give each step a name of its own`);
  }
}

/** Thrown into the author's code by a step that is opened after the saga began to roll back. */
export class SagaAborted extends Error {
  override readonly name = 'SagaAborted';
  constructor(step: string) {
    super(`step ${step} was refused: the saga is rolling back`);
  }
}

/** The name of a final failure, or undefined when `error` is none: then it is a bug in the saga's own code. */
export function failureType(error: unknown): string | undefined {
  if (isCancellation(error)) return 'Cancelled';
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.nonRetryable) return nameOf(cause);
    // Retryable, yet no longer retried; or a time-out of the server's: the step's time is up.
    if (cause instanceof ApplicationFailure || cause instanceof TimeoutFailure) return 'StepTimedOut';
    return cause?.name ?? error.name;
  }
  if (error instanceof ApplicationFailure) return nameOf(error);
  return error instanceof TemporalFailure ? error.name : undefined;
}

/** It goes into the outcome as its reason, which has bounds. */
function nameOf({ type }: ApplicationFailure): string {
  return type ? storableText(type, MAX_REASON) : 'ApplicationFailure';
}

/** An error that is sure to fail the workflow task, whatever was thrown; and that task only. */
export function asBug(error: unknown): Error {
  if (error instanceof Error && !(error instanceof TemporalFailure)) return tellable(error);
  return new ProgrammingError(clean(`the saga's code threw outside of a step: ${String(error)}`));
}

/** Temporal takes some megabytes; nobody reads them. In characters. */
const MAX_TOLD = 10_000;
const MAX_CAUSES = 10;

const clean = (text: string) => storableText(text, MAX_TOLD);

/**
 * The error itself, or one that tells the same where it holds half a surrogate pair or no bounds: such a text is no UTF-8, and in
 * a failure it ends the worker and every saga on it, at each attempt again.
 */
function tellable(error: Error): Error {
  if (causesOf(error).every(({ message, stack = '' }) => clean(message) === message && clean(stack) === stack))
    return error;
  const told = new ProgrammingError(clean(`${error.name}: ${error.message}`));
  told.stack = clean(error.stack ?? told.message);
  return told;
}

function causesOf(error: Error): Error[] {
  const causes: Error[] = [];
  for (let at: unknown = error; at instanceof Error && causes.length < MAX_CAUSES; at = at.cause) causes.push(at);
  return causes;
}

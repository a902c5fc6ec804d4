import { AsyncLocalStorage } from '@temporalio/workflow';
import type { StepKind } from '../contracts/saga.ts';

/** What a participant call needs to know of the step it is made in; it travels with the step's code, across awaits. */
export interface StepContext {
  /** `payment`, or `payment.compensation`: what the Temporal UI shows as activity id. */
  readonly name: string;
  readonly kind: StepKind | 'compensation';
  /** One line for the Temporal UI. */
  readonly summary: string;
  /** When the step's time is up, ms since the epoch; undefined where it never is. */
  readonly endsAt: number | undefined;
  /** Participant calls so far; makes activity ids unique within the step. */
  calls: number;
}

const storage = new AsyncLocalStorage<StepContext>();

/** Runs a step's code so that its participant calls find `context`. */
export function inStep<T>(context: StepContext, code: () => Promise<T>): Promise<T> {
  return storage.run(context, code);
}

export function currentStep(): StepContext | undefined {
  return storage.getStore();
}

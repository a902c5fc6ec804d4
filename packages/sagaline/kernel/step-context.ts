import { AsyncLocalStorage } from '@temporalio/workflow';
import type { StepKind } from '../contracts/saga.ts';

/** How a step's time is kept: by Temporal's clock up to an instant (ms since the epoch), or by an account of whose time it is. */
export type StepClock =
  { readonly keptBy: 'clock'; readonly endsAt: number } | { readonly keptBy: 'account'; readonly withinMs: number };

/** What a participant call needs to know of the step it is made in; it travels with the step's code, across awaits. */
export interface StepContext {
  /** `payment`, or `payment.compensation`: what the Temporal UI shows as activity id. */
  readonly name: string;
  readonly kind: StepKind | 'compensation';
  /** One line for the Temporal UI. */
  readonly summary: string;
  readonly time: StepClock;
  /** Told of what it failed by, for those that look while it is tried again. */
  readonly failed: (failure: string) => void;
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

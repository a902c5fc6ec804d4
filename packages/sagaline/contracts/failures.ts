/**
 * Final failures: what a participant throws when trying again cannot help. The kernel rolls a saga back on these, and on
 * nothing else that a participant throws; every other error is retried until the step's time is up (kernel rule 5).
 * Messages carry no personal data: they travel into histories, outcomes and logs.
 */
import { ApplicationFailure } from '@temporalio/workflow';
import { STEP_TIMED_OUT } from './step-time.ts';

/** Base of all final failures; `type` is its name in histories and the `reason` in outcomes. */
export class FinalFailure extends ApplicationFailure {
  constructor(type: string, message: string) {
    super(message, type, true);
  }
}

/** A compensation came first: the action must not happen any more. */
export class ActionUndone extends FinalFailure {
  constructor(actionKey: string) {
    super('ActionUndone', `action ${actionKey} was undone before it was made`);
  }
}

/** The participant was asked for the same key with other content: a bug in the saga, or a forged request. */
export class KeyReused extends FinalFailure {
  constructor(key: string) {
    super('KeyReused', `idempotency key ${key} was already used with other content`);
  }
}

/** The participant did not succeed within the step's time. Whether it did what it was asked, nobody knows. */
export class StepTimedOut extends FinalFailure {
  constructor(activity: string, withinMs: number) {
    super(STEP_TIMED_OUT, `${activity} did not succeed within ${withinMs} ms of its own time`);
  }
}

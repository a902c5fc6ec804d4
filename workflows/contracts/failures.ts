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

/** The provider refused the card. */
export class PaymentDeclined extends FinalFailure {
  constructor(subjectId: string, reason: string) {
    super('PaymentDeclined', `the payment for ${subjectId} was declined: ${reason}`);
  }
}

/** The provider refuses the request itself (not the card): no retry of the same request can help. */
export class PaymentRejected extends FinalFailure {
  constructor(subjectId: string, code: string) {
    super('PaymentRejected', `the payment provider rejected the request for ${subjectId}: ${code}`);
  }
}

/** A compensation of this charge came first (tombstone): the charge must not happen any more. */
export class ChargeUndone extends FinalFailure {
  constructor(subjectId: string) {
    super('ChargeUndone', `the charge for ${subjectId} was undone before it was made`);
  }
}

/** The provider refuses the refund for good; somebody has to look at it. */
export class RefundRefused extends FinalFailure {
  constructor(subjectId: string, reason: string) {
    super('RefundRefused', `the refund for ${subjectId} was refused: ${reason}`);
  }
}

/** The recipient's server or carrier refuses the message for good. */
export class RecipientRefused extends FinalFailure {
  constructor(subjectId: string, channel: string, code: string) {
    super('RecipientRefused', `the ${channel} for ${subjectId} was refused for good (${code})`);
  }
}

/** A compensation came first: the action must not happen any more. */
export class ActionUndone extends FinalFailure {
  constructor(actionKey: string) {
    super('ActionUndone', `action ${actionKey} was undone before it was made`);
  }
}

/** The user has a profile already, made by another action. */
export class ProfileExists extends FinalFailure {
  constructor(userId: string) {
    super('ProfileExists', `user ${userId} has a profile already`);
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

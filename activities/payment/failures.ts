/** Failures of payments: final ones, on which a saga turns around, and those that are tried again until the step's time is up. */
import { ApplicationFailure } from '@temporalio/common';
import { FinalFailure, StillOpen } from 'sagaline';

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

/** No usable answer: a time-out, a broken connection, a server error, or a reply that makes no sense. */
export class ProviderUnavailable extends ApplicationFailure {
  constructor(what: string) {
    super(`the payment provider gave no usable answer: ${what}`, 'ProviderUnavailable', false);
  }
}

/** An attempt to charge may still be on its way to the provider, so it is too early to say that there is nothing to undo. */
export class ChargeStillOpen extends StillOpen {
  /** @param openForMs after which the question can be answered; it is asked sooner too, for the charge may turn up any time */
  constructor(subjectId: string, openForMs: number) {
    super('ChargeStillOpen', `the charge for ${subjectId} may still arrive at the provider`, openForMs);
  }
}

/** Retryable failures of payments: Temporal asks again until the step's time is up. */
import { ApplicationFailure } from '@temporalio/common';
import { StillOpen } from '../still-open.ts';

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

/** Failures of notifications, final and retryable. No address in any message. */
import { ApplicationFailure } from '@temporalio/common';
import { FinalFailure, StillOpen } from 'sagaline';

/** The recipient's server or carrier refuses the message for good. */
export class RecipientRefused extends FinalFailure {
  constructor(subjectId: string, channel: string, code: string) {
    super('RecipientRefused', `the ${channel} for ${subjectId} was refused for good (${code})`);
  }
}

/** The carrier did not take the message this time. */
export class NotDelivered extends ApplicationFailure {
  /** Whether it is certain that the message did not go out. */
  readonly certain: boolean;
  constructor(code: string, certain: boolean) {
    super(`the message was not delivered: ${code}`, 'NotDelivered', false);
    this.certain = certain;
  }
}

/** Another attempt may still be sending this message: it is too early to send it again, or to correct it. */
export class MessageStillOpen extends StillOpen {
  /** @param busyForMs after which no attempt can be at it */
  constructor(messageKey: string, busyForMs: number) {
    super('MessageStillOpen', `another attempt may still be sending ${messageKey}`, busyForMs);
  }
}

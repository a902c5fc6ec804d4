/** Retryable failures of notifications: Temporal asks again until the step's time is up. No address in any message. */
import { ApplicationFailure } from '@temporalio/common';
import { StillOpen } from '../still-open.ts';

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

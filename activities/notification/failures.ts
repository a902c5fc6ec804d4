/** Retryable failures of notifications: Temporal asks again until the step's time is up. No address in any message. */
import { ApplicationFailure } from '@temporalio/common';

const MAX_WAIT_MS = 1_000;

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
export class MessageStillOpen extends ApplicationFailure {
  /** @param busyForMs after which no attempt can be at it; it is looked at sooner too, for attempts end sooner as a rule */
  constructor(messageKey: string, busyForMs: number) {
    const message = `another attempt may still be sending ${messageKey}`;
    super(message, 'MessageStillOpen', false, undefined, undefined, Math.min(Math.ceil(busyForMs), MAX_WAIT_MS));
  }
}

import { ActionUndone, RecipientRefused } from '../../workflows/contracts/failures.ts';
import { MessageStillOpen, NotDelivered } from './failures.ts';
import { messageIdOf } from './messages.ts';
import {
  keyOf,
  Refused,
  type Carrier,
  type Channel,
  type Content,
  type MessageRef,
  type MessageStore,
} from './ports.ts';

export interface Delivery extends MessageRef {
  readonly recipient: string;
  readonly content: Content;
}

/** Sends one message once; returns when it is sent, whoever sent it. */
export type Deliver = (delivery: Delivery) => Promise<void>;

/**
 * One window is left, as with every mail system: a process that dies between the carrier's answer and our note of it leaves the
 * row at `sending`. The next attempt waits until the dead one's time is over, then sends again with the same message id, by
 * which the SMS carrier (Idempotency-Key) recognises the copy, and mail programs (Message-ID) can.
 *
 * @throws RecipientRefused, ActionUndone, KeyReused (final); NotDelivered, MessageStillOpen (retryable)
 */
export function createDeliver(messages: MessageStore, carriers: Readonly<Record<Channel, Carrier>>): Deliver {
  return async function deliver(message) {
    const { actionKey, channel, subjectId, recipient, content } = message;
    const row = await messages.claim(message);
    if (row.undone) throw new ActionUndone(actionKey);
    if (row.state === 'sent') return;
    if (row.state === 'refused') throw new RecipientRefused(subjectId, channel, 'refused before');
    if (!row.mine) throw new MessageStillOpen(keyOf(message), row.busyForMs);
    try {
      await carriers[channel].send({ messageId: messageIdOf(message), recipient, content });
    } catch (error) {
      throw await note(message, error);
    }
    await messages.sent(message);
  };

  /** Writes down how the attempt failed, and returns the failure to report. */
  async function note(message: MessageRef, error: unknown): Promise<unknown> {
    if (error instanceof Refused) {
      await messages.refused(message, error.code);
      return new RecipientRefused(message.subjectId, message.channel, error.code);
    }
    if (error instanceof NotDelivered && error.certain) await messages.release(message);
    return error;
  }
}

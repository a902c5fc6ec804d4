import { setTimeout as delay } from 'node:timers/promises';
import { ActionUndone } from 'sagaline';
import { MessageStillOpen, NotDelivered, RecipientRefused } from './failures.ts';
import { messageIdOf } from './messages.ts';
import {
  keyOf,
  Refused,
  type Carrier,
  type Channel,
  type Content,
  type Held,
  type MessageRef,
  type MessageStore,
} from './ports.ts';

export interface Delivery extends MessageRef {
  readonly recipient: string;
  readonly content: Content;
}

/** Sends one message once; returns when it is sent, whoever sent it. */
export type Deliver = (delivery: Delivery) => Promise<void>;

export interface DeliverDeps {
  readonly messages: MessageStore;
  readonly carriers: Readonly<Record<Channel, Carrier>>;
  /** For one attempt to hand a message over, in ms, from its claim on. */
  readonly timeoutMs: number;
}

/** Between two tries to write down what a carrier said, in ms. */
const NOTE_AGAIN_MS = 100;

/**
 * One window is left, as with every mail system: a process that dies between the carrier's answer and our note of it leaves the
 * row at `sending`. The next attempt waits until the dead one's time is over, then sends again with the same message id, by
 * which the SMS carrier (Idempotency-Key) recognises the copy, and mail programs (Message-ID) can.
 *
 * @throws RecipientRefused, ActionUndone, KeyReused (final); NotDelivered, MessageStillOpen (retryable)
 */
export function createDeliver({ messages, carriers, timeoutMs }: DeliverDeps): Deliver {
  return async function deliver(message) {
    const { actionKey, channel, subjectId, recipient, content } = message;
    // From before the claim, whose own clock is the database's: our time is over before the claim is free for others.
    const endsAt = performance.now() + timeoutMs;
    const { held, ...row } = await messages.claim(message);
    if (row.undone) throw new ActionUndone(actionKey);
    if (row.state === 'sent') return;
    if (row.state === 'refused') throw new RecipientRefused(subjectId, channel, 'refused before');
    if (!held) throw new MessageStillOpen(keyOf(message), row.busyForMs);
    try {
      // A process that was frozen after its claim must not send beside the attempt that has the message now.
      const withinMs = Math.floor(endsAt - performance.now());
      if (withinMs < 1) throw new NotDelivered('out_of_time', true);
      await carriers[channel].send({ messageId: messageIdOf(message), recipient, content, withinMs });
    } catch (error) {
      throw await note(held, error);
    }
    await untilNoted(() => messages.sent(held), endsAt);
  };

  /** Writes down how the attempt failed, and returns the failure to report. */
  async function note(held: Held, error: unknown): Promise<unknown> {
    if (error instanceof Refused) {
      await messages.refused(held, error.code);
      return new RecipientRefused(held.subjectId, held.channel, error.code);
    }
    if (error instanceof NotDelivered && error.certain) await messages.release(held);
    return error;
  }
}

/** The message is out: a short outage of our own database must not have it sent a second time. */
async function untilNoted(write: () => Promise<void>, endsAt: number): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() + NOTE_AGAIN_MS >= endsAt) throw error;
      await delay(NOTE_AGAIN_MS);
    }
  }
}

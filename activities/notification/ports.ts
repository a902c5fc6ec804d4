/** What sending needs: a carrier per channel, and a memory of what was sent. */
import type { Template } from './contract.ts';

export type Channel = 'email' | 'sms';
export const CHANNELS: readonly Channel[] = ['email', 'sms'];

/** What a template makes of its values. */
export interface Content {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** For channels of one short text. */
  readonly short: string;
}

export interface Outgoing {
  /** Deterministic: the same message sent again has the same id, so that the other side can tell. */
  readonly messageId: string;
  /** Personal data. */
  readonly recipient: string;
  readonly content: Content;
  /** What is left of the attempt, in ms: nothing may be on its way to the carrier after it. */
  readonly withinMs: number;
}

/** Thrown by a carrier: refused for good; trying again cannot help. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;
  /** @param code the carrier's, such as smtp_550; never its text, which tends to quote the address */
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Hands a message over. Throws Refused (for good) or NotDelivered (retryable). */
export interface Carrier {
  send(message: Outgoing): Promise<void>;
  close(): void;
}

/** Which message: one per action (or correction) and channel. */
export interface MessageRef {
  /** Idempotency key of the action or compensation that sends. */
  readonly actionKey: string;
  readonly channel: Channel;
  readonly subjectId: string;
  /** What kind of thing the subject is, for the events; as the template says where it is undefined. */
  readonly subjectKind?: string | undefined;
  readonly template: Template;
}

export interface MessageRow {
  readonly channel: Channel;
  readonly state: 'pending' | 'sending' | 'sent' | 'refused';
  /** A compensation came. */
  readonly undone: boolean;
  /** An attempt that nobody heard of again may have sent it, whatever became of the ones after it. */
  readonly maybeSent: boolean;
  readonly recipient: string | null;
  readonly template: string;
  /** For how long (ms) the attempt that sends it may still be at it; 0 when no attempt can be. */
  readonly busyForMs: number;
}

/** One attempt's hold on a message: what it says afterwards counts for this attempt, and for no other. */
export interface Held extends MessageRef {
  readonly attempt: string;
}

/** A claim: the row as it is now, and the attempt's hold on it if it got one. */
export type Claimed = MessageRow & { readonly held?: Held };

/**
 * One row per message: `pending -> sending -> sent | refused`. An attempt that failed for sure puts it back to `pending`; one
 * that died, or does not know, leaves it at `sending`. Each method is one statement, the events are part of it.
 */
export interface MessageStore {
  /** Claims the message for one attempt. Not `held` when it is sent, refused, undone, or another attempt is at it. */
  claim(message: MessageRef & { recipient: string }): Promise<Claimed>;
  /** sending -> sent, with `notification.sent`: whoever holds it by now, for it did go out. */
  sent(held: Held): Promise<void>;
  /** sending -> refused, with `notification.failed`, if this attempt still holds it. */
  refused(held: Held, reason: string): Promise<void>;
  /** sending -> pending, if this attempt still holds it: it did not deliver it, for sure. */
  release(held: Held): Promise<void>;
  /** Marks the action's messages undone on all channels, with a tombstone where there is none, and returns them. */
  undo(action: Omit<MessageRef, 'channel'>): Promise<readonly MessageRow[]>;
}

/** Primary key of a message row, and the stem of its message id and event ids. */
export function keyOf({ actionKey, channel }: Pick<MessageRef, 'actionKey' | 'channel'>): string {
  return `${actionKey}:${channel}`;
}

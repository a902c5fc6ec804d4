/** What charge and refund need: somebody who moves the money, and a memory of what was asked of them. */

import type { Subject } from './contract.ts';

/** What became of a charge at the provider. */
export type ProviderCharge =
  { readonly status: 'captured'; readonly id: string } | { readonly status: 'declined'; readonly reason: string };

/**
 * The provider that moves the money. Amounts in minor units. Every method throws ProviderUnavailable (retryable) when there is
 * no usable answer: the money may have moved, or not.
 */
export interface PaymentProvider {
  /** @throws PaymentRejected, KeyReused (final) */
  charge(request: {
    subjectId: string;
    amount: number;
    currency: string;
    token: string;
    idempotencyKey: string;
    /** What is left of the attempt, in ms: the request is given up after it. */
    withinMs?: number;
  }): Promise<ProviderCharge>;
  /** The charge that was made with this key, whoever heard of it; undefined when there is none (yet). */
  findCharge(idempotencyKey: string): Promise<ProviderCharge | undefined>;
  /**
   * Gives the whole charge back, once, also when it is asked under several keys.
   *
   * @throws RefundRefused (final)
   */
  refund(request: { subjectId: string; chargeId: string; idempotencyKey: string }): Promise<{ refundId: string }>;
}

/** One charge, as our own ledger knows it. A tombstone is a row that is `undone`, in state `intent`, without an amount. */
export interface PaymentRow {
  readonly key: string;
  readonly subject: Subject;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly state: 'intent' | 'charged' | 'declined' | 'refunded';
  readonly undone: boolean;
  readonly providerId: string | null;
  readonly declineReason: string | null;
  /** The workflow whose work it is; null in rows of older versions. */
  readonly workflowId: string | null;
  /** For how long (ms) an attempt that nobody heard of may still reach the provider; 0 when that time is over. */
  readonly openForMs: number;
}

/** A row that a charge wrote: it has an amount. */
export interface Intent extends PaymentRow {
  readonly amount: number;
  readonly currency: string;
}

/** Whether a charge was ever asked for under this row, or only its undoing. */
export function isIntent(row: PaymentRow): row is Intent {
  return row.amount !== null && row.currency !== null;
}

/** One attempt at a charge: what it ends is its own time, and nobody else's. */
export interface Attempt {
  readonly key: string;
  readonly attemptId: string;
}

export interface UnsettledRow extends PaymentRow {
  /** How often a sweep has asked about it, this one not counted. */
  readonly sweeps: number;
}

/** Our own ledger. Each method is one statement, and so one transaction; the events are part of it. */
export interface PaymentLedger {
  /**
   * Writes the intent, or reads the row that is there; an open one is kept open for another `attemptMs`.
   *
   * @returns `fresh` when nobody asked under this key before
   * @throws KeyReused (final) when the key stands for another subject, amount or currency
   */
  openIntent(charge: {
    key: string;
    subject: Subject;
    amount: number;
    currency: string;
    attemptMs: number;
  }): Promise<PaymentRow & Attempt & { readonly fresh: boolean }>;
  /** Marks the row undone, and writes a tombstone where there is none. From then on no charge under this key stays. */
  markUndone(charge: { key: string; subject: Subject }): Promise<PaymentRow>;
  /**
   * intent -> charged, with `payment.completed`; says `undone` when a compensation came in the meantime.
   *
   * @param options `orSweep`: whether the sweep is to give an undone charge back, should whoever found it not get that far; the
   * saga's own refund does without, for it is repeated until somebody decides
   */
  recordCharge(intent: Intent, providerId: string, options: { orSweep: boolean }): Promise<PaymentRow>;
  /** intent -> declined, with `payment.declined`. */
  recordDecline(intent: Intent, reason: string): Promise<void>;
  /** charged -> refunded, with `payment.refunded`. */
  recordRefund(charged: Intent & { providerId: string }, refundId: string): Promise<void>;
  /** Nothing of this attempt is on its way to the provider any more. Those before it may be, and keep their time. */
  endAttempt(attempt: Attempt): Promise<void>;
  /**
   * Undone rows of which something may still come, and whose time to ask again is there; each is kept from other sweeps for a
   * while, so that any number may run.
   */
  takeUnsettled(options: { limit: number }): Promise<readonly UnsettledRow[]>;
  /** Asks again after `ms`, or never: then the row is settled. */
  sweepAgainAfter(key: string, ms: number | undefined): Promise<void>;
}

/**
 * Interfaces that activities implement. Workflows own them, so an activity can never be imported here.
 *
 * Every action takes an idempotency `key` and does its work once for it, whatever the number of attempts. Every compensation
 * takes the `actionKey` it undoes, succeeds when there is nothing to undo, and leaves a tombstone so that a late action is
 * refused or undoes itself (kernel rules 1, 2 and 7).
 */
import type { AbortCause, Journey, SagaState } from './saga.ts';

/** What an action is about: its kind and id travel in the participant's events. */
export interface Subject {
  /** Such as `order`: lower-case letters, digits and hyphens. */
  readonly kind: string;
  readonly id: string;
}

/** What is paid for: an order by its id, or anything else with its kind. */
export type PaidFor =
  | { readonly orderId: string; readonly subject?: undefined }
  | { readonly subject: Subject; readonly orderId?: undefined };

/** Remote: the payment provider. Amounts in minor units. */
export interface PaymentActivities {
  /** @throws PaymentDeclined, ChargeUndone, KeyReused (final) */
  charge(
    input: PaidFor & { amount: number; currency: string; token: string; key: string },
  ): Promise<{ paymentId: string; amount: number }>;
  /** @throws RefundRefused (final) */
  refund(input: PaidFor & { actionKey: string; key: string }): Promise<{ refunded: number }>;
}

export type Template = 'order-paid' | 'order-rejected' | 'welcome' | 'follow-up' | 'error-burst';

/** A person's addresses, or whoever operates this: the configuration knows where, and may know of nobody. */
export type Recipient = { email?: string | undefined; phone?: string | undefined } | 'operators';

/** Remote: SMTP server and SMS carrier. One message per channel that `to` has an address for. */
export interface NotificationActivities {
  /** @throws RecipientRefused, ActionUndone (final) */
  send(input: {
    to: Recipient;
    template: Template;
    subjectId: string;
    /** Kind of the subject, for the events; as the template says unless told. */
    subjectKind?: string;
    /** Values for the template. */
    values?: Record<string, string | number>;
    key: string;
  }): Promise<{ sent: ('email' | 'sms')[] }>;
  /**
   * Sends a correction on every channel on which the action's message went out, or may have when its attempt died. `refused`: where
   * the recipient is refused for good, so that nobody can be told, which is no failure of the undoing.
   */
  correct(input: {
    actionKey: string;
    template: Template;
    subjectId: string;
    /** Kind of the subject, for the events; as the template says unless told. */
    subjectKind?: string;
    values?: Record<string, string | number>;
    key: string;
  }): Promise<{ corrected: ('email' | 'sms')[]; refused?: ('email' | 'sms')[] }>;
}

/** Local: one idempotent fact per key in our own database. */
export interface AnalyticsActivities {
  /** @throws ActionUndone (final) */
  record(input: { subjectId: string; fact: string; amount: number; currency: string; key: string }): Promise<void>;
  reverse(input: { actionKey: string }): Promise<{ reversed: boolean }>;
}

/** Local: customer profiles in our own database. */
export interface ProfileActivities {
  /** @throws ActionUndone (final) */
  create(input: {
    userId: string;
    email: string;
    name: string;
    locale?: string | undefined;
    key: string;
  }): Promise<{ profileId: string }>;
  remove(input: { userId: string; actionKey: string }): Promise<{ removed: boolean }>;
}

/** Which saga an outcome belongs to. */
export interface SagaRef {
  readonly workflowId: string;
  readonly sagaName: string;
  readonly sagaId: string;
  readonly traceparent?: string | undefined;
}

/** An event that an outcome emits. Its key is the business key that its type names. */
export interface OutcomeEvent {
  readonly type: string;
  readonly payload: unknown;
}

/** The stored winner: what the saga row says after the claim, whoever made it. The kernel obeys it. */
export interface Winner {
  readonly state: SagaState;
  /** Why the stored claim rolls back; present from `rollingBack` on. */
  readonly cause?: AbortCause;
}

/**
 * Local: the saga row, claimed by compare-and-set, and the outbox row, in one transaction (kernel rules 3 and 8).
 * `running -> completed | rollingBack -> rejected | cancelled`; a claim that lost changes nothing and returns the winner.
 */
export interface OutcomeActivities {
  /** Claims `completed` and emits the outcome. */
  complete(input: { saga: SagaRef; outcome: OutcomeEvent; journey: Journey }): Promise<Winner>;
  /** Claims `rollingBack`, before the first undo. */
  beginRollback(input: { saga: SagaRef; cause: AbortCause }): Promise<Winner>;
  /** Claims `rejected` or `cancelled`, after the last undo, and emits the outcome. */
  finishRollback(input: {
    saga: SagaRef;
    state: 'rejected' | 'cancelled';
    outcome: OutcomeEvent;
    journey: Journey;
  }): Promise<Winner>;
  /** Makes the parked steps visible on the saga row, or takes them off (empty list). */
  reportParked(input: { saga: SagaRef; parked: readonly string[]; journey: Journey }): Promise<void>;
  /** Emits the answer to a cancel that came too late, once per request. */
  refuseCancel(input: { saga: SagaRef; requestId: string; answer: OutcomeEvent }): Promise<void>;
}

/** Activity types as Temporal shows them: `payment.charge` and so on. */
export interface Participants {
  readonly payment: PaymentActivities;
  readonly notification: NotificationActivities;
  readonly analytics: AnalyticsActivities;
  readonly profile: ProfileActivities;
  readonly outcome: OutcomeActivities;
}

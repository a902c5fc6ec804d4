/**
 * What the kernel itself asks of the outside: how sagas end. The application's participants are values of its own
 * (packages/sagaline/participants/participant.ts), of which a saga knows the type.
 *
 * Every action of a participant takes an idempotency `key` and does its work once for it, whatever the number of attempts. Every
 * compensation takes the `actionKey` it undoes, succeeds when there is nothing to undo, and leaves a tombstone so that a late
 * action is refused or undoes itself (kernel rules 1, 2 and 7).
 */
import type { AbortCause, Journey, SagaState } from './saga.ts';

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

/** A saga as its author declares it, and the part of it that dispatch, console and HTTP read. */
import type { EventType } from '../contracts/events.ts';
import type { OutcomeEvent } from '../contracts/participants.ts';
import type { SagaInput } from '../contracts/saga.ts';

/** ms-formatted ('24 hours') or ms. */
export type Duration = string | number;

/** What an event that reaches a running saga does when there is none. */
export type IfNoSaga = 'park' | 'ignore';

export interface FollowUpRule {
  readonly type: EventType;
  /** The saga an event of this type belongs to. */
  readonly sagaId: (payload: never) => string;
  readonly ifNoSaga: IfNoSaga;
  /** `once`: after the first delivery to a saga, later events of this type are ignored for it. */
  readonly deliver: 'once' | 'every';
  /** Whether it asks the saga to cancel. */
  readonly cancels: boolean;
}

/** The declared edges of a saga, machine-readable: no second list of events anywhere. */
export interface SagaRegistration {
  readonly name: string;
  readonly on: EventType;
  readonly sagaId: (payload: never) => string;
  readonly followUps: readonly FollowUpRule[];
  /** Event types that can end it, the refused cancel's answer included. */
  readonly emits: readonly EventType[];
  /** Default durations, which SAGA_SETTINGS may override for new sagas. */
  readonly settings: Readonly<Record<string, Duration>>;
  /** The answer to a cancel that came too late; undefined where the saga declares none. */
  cancelRefused(startPayload: unknown, refused: { reason: string; state: string }): OutcomeEvent | undefined;
}

/** What a saga workflow returns, and Temporal shows as its result. */
export interface SagaResult {
  readonly state: 'completed' | 'rejected' | 'cancelled' | 'failed';
  readonly outcome?: OutcomeEvent;
}

/** A Temporal workflow that carries its registration. Its function name equals its export name. */
export type SagaWorkflow = ((input: SagaInput) => Promise<SagaResult>) & { readonly saga: SagaRegistration };


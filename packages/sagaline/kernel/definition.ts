/** A saga as dispatch, console and HTTP read it, and as the kernel runs it; define-saga.ts makes both from what its author wrote. */
import type { EventValue, PayloadOf } from '../contracts/event.ts';
import type { OutcomeEvent } from '../contracts/participants.ts';
import type { RejectDetails, SagaInput } from '../contracts/saga.ts';
import type { Duration } from './duration.ts';
import type { parallel } from './parallel.ts';
import type { createSteps } from './steps.ts';

/** What an event that reaches a running saga does when there is none. */
export type IfNoSaga = 'park' | 'ignore';

/** A follow-up as the engine goes by it. */
export interface FollowUpRule {
  /** Event type. */
  readonly type: string;
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
  /** Event type that starts it. */
  readonly on: string;
  /** The saga that the starting event belongs to. */
  readonly sagaId: (payload: never) => string;
  readonly followUps: readonly FollowUpRule[];
  /** Event types that can end it, the refused cancel's answer included. */
  readonly emits: readonly string[];
  /** The events of all these names, with their schemas. */
  readonly events: readonly EventValue[];
  /** Default durations, which SAGA_SETTINGS may override for new sagas. */
  readonly settings: Readonly<Record<string, Duration>>;
  /** The answer to a cancel that came too late; undefined where the saga declares none. */
  cancelRefused(startPayload: unknown, refused: { reason: string; state: string }): OutcomeEvent | undefined;
}

/** What is said of a wait for an event. */
export interface NextOptions {
  /** What the Temporal UI and the journey call the wait; no personal data. */
  readonly name?: string;
}

/** What a saga's author has at hand, beside participants and plain code. */
export interface SagaScope<
  Settings = Readonly<Record<string, Duration>>,
  Heard extends EventValue = EventValue,
> extends ReturnType<typeof createSteps> {
  /** Waits for all steps, also when one fails; then throws the first failure, in the order given. */
  readonly parallel: typeof parallel;
  /**
   * Says no: the saga turns around as for a failed step, whatever catches what this throws. The outcome tells the reason (of up
   * to 200 characters, cut) without a step; `details` stay on the saga row and in the journey. No personal data in either.
   * Before the pivot only: after it, it is a programming error.
   */
  reject(reason: string, details?: RejectDetails): never;
  /** The definition's durations, as they hold for this saga. */
  readonly settings: { readonly [K in keyof Settings]: Duration };
  /**
   * Waits for the next event of one of the saga's follow-ups, within ms or an ms-formatted time; undefined when none came. One
   * that is there already is taken at once, also within 0. `name` is what the Temporal UI and the journey call the wait; no personal data.
   */
  next<E extends Heard>(event: E, within: Duration, options?: NextOptions): Promise<PayloadOf<E> | undefined>;
}

/** A definition as the kernel runs it, its types erased. */
export interface RunnableSaga {
  readonly registration: SagaRegistration;
  readonly outcomes: {
    readonly completed: string;
    readonly rolledBack: string;
    readonly cancelled?: string | undefined;
  };
  subject(data: unknown): object;
  run(data: unknown, scope: SagaScope): Promise<unknown>;
}

/** What a saga workflow returns, and Temporal shows as its result. */
export interface SagaResult {
  readonly state: 'completed' | 'rejected' | 'cancelled' | 'failed';
  /** Absent when an earlier run of the same task had recorded it. */
  readonly outcome?: OutcomeEvent;
}

/** A Temporal workflow that carries its registration. Its function name equals its export name. */
export type SagaWorkflow = ((input: SagaInput) => Promise<SagaResult>) & { readonly saga: SagaRegistration };

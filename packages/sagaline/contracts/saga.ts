/** What the outside and a running saga say to each other: input, journey, outcome, follow-ups, operators' updates. */

/** Where an event came from in Kafka; absent for a saga started by hand. */
export interface KafkaPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** An event that reaches a running saga as a signal, or waits in its input because it came first. */
export interface FollowUp {
  /** Name of the event. */
  readonly type: string;
  /** Dedupe id; the kernel applies one id once. */
  readonly eventId: string;
  readonly data: unknown;
}

/**
 * The kernel's rules as a saga has them from its start to its end. A change of what the kernel asks Temporal for, and when,
 * raises this number and asks for it (docs/replay.md): sagas in flight keep the rules under which they were started.
 *
 * 1: to the end of 0.1's development. 2: time that our own outages take is not the step's.
 */
export const KERNEL_VERSION = 2;

/** The one argument of every saga workflow. */
export interface SagaInput<Data = unknown> {
  /** Which of the kernel's rules hold for it; 1 when absent, for it was started before there was a second version. */
  readonly kernel?: number;
  /** The saga's own id, unique within its name: the second half of the workflow id. */
  readonly sagaId: string;
  /** Dedupe id of the event that started it. */
  readonly eventId: string;
  readonly data: Data;
  readonly source?: KafkaPosition;
  /** W3C traceparent of the event that started it; passed on to every event the saga emits. */
  readonly traceparent?: string;
  /** Follow-ups that arrived before the saga, oldest first. */
  readonly followUps?: readonly FollowUp[];
  /** Durations (ms-formatted or ms) that the operator set for new sagas; they override the definition's own. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** The saga row's state; `failed` is written by an operator or a sweeper, never by a healthy saga. */
export type SagaState = 'running' | 'completed' | 'rollingBack' | 'rejected' | 'cancelled' | 'failed';

/** What an author says beside a reason; no personal data. */
export type RejectDetails = Readonly<Record<string, string | number | boolean>>;

/** Why a saga rolls back. */
export type AbortCause =
  | { readonly kind: 'failure'; readonly reason: string; readonly step: string }
  | { readonly kind: 'deadline'; readonly reason: string }
  /** Its own code said no (`saga.reject`); `details` stay on the row and in the journey, for operators. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly details?: RejectDetails }
  | { readonly kind: 'cancel'; readonly reason: string; readonly requestId: string };

/** What a step's failure means for its saga. */
export type StepKind = 'compensatable' | 'pivot' | 'retriable' | 'optional';
/** Where a step stands. */
export type StepState = 'open' | 'done' | 'failed' | 'parked' | 'skipped';
/** What became of a step's undo. */
export type CompensationState = 'open' | 'done' | 'parked' | 'skipped';

/** One step of a saga's journey, as the query, the saga row and the HTTP API show it. Times are RFC 3339. */
export interface JourneyStep {
  readonly name: string;
  readonly kind: StepKind;
  readonly state: StepState;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Type of the failure, never its message. Of an open step: what a local participant failed by last, while it is tried again. */
  readonly failure?: string;
  readonly compensation?: {
    readonly state: CompensationState;
    readonly startedAt: string;
    readonly endedAt?: string;
    readonly failure?: string;
    /** What the operator said when skipping, or the evidence when marking done. */
    readonly note?: string;
  };
  readonly note?: string;
}

/** An event that a saga waits for (`saga.next`). Times are RFC 3339. */
export interface Wait {
  /** What its author calls the wait. */
  readonly name?: string;
  /** Event type. */
  readonly event: string;
  readonly since: string;
  readonly until: string;
}

/** The answer to the `journey` query, and what the outcome transaction stores on the saga row. */
export interface Journey {
  readonly state: SagaState | 'parked';
  readonly cause?: AbortCause;
  readonly steps: readonly JourneyStep[];
  /** Names of the steps that wait for an operator. */
  readonly parked: readonly string[];
  /** What it waits for at the moment; absent when it waits for nothing. */
  readonly waits?: readonly Wait[];
}

/** What an operator does with a parked step. */
export type Resolution =
  | { readonly action: 'retry'; readonly by: string }
  | { readonly action: 'skip'; readonly by: string; readonly reason: string }
  | { readonly action: 'done'; readonly by: string; readonly evidence: string };

/** Answer to a resolution: it was taken, and by whom; the second of two equal ones gets the first one's answer. */
export interface Resolved {
  readonly step: string;
  readonly action: Resolution['action'];
  readonly by: string;
}

/** Names that client and kernel agree on. Event types are signal names too: `order.cancel-requested` is signalled as such. */
export const CANCEL_SIGNAL = 'cancel';
export const JOURNEY_QUERY = 'journey';
export const RESOLVE_UPDATE = 'resolveParkedStep';

/** Argument of the `cancel` signal, which an operator or the HTTP API sends without an event. */
export interface CancelRequest {
  readonly reason: string;
  readonly by: string;
  readonly requestId: string;
}

/** Search attributes, all of type Keyword; the stack registers them. */
export const SEARCH_ATTRIBUTES = {
  state: 'SagaState',
  step: 'SagaStep',
  businessKey: 'BusinessKey',
  eventId: 'EventId',
} as const;

/** The workflow id of a saga: saga name and saga id, for example `orderSaga:o-1`. */
export function workflowIdOf(sagaName: string, sagaId: string): string {
  return `${sagaName}:${sagaId}`;
}

/** Why a cancel is refused, whoever answers it: the running saga, or ingest when none runs any more. */
export const CANCEL_TOO_LATE = 'TooLate';

/** Event id of the answer to a refused cancel: one for each request, whoever answers. */
export function cancelRefusedIdOf(workflowId: string, requestId: string): string {
  return `${workflowId}:cancel-refused:${requestId}`;
}

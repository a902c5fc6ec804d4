/** Every outcome that each saga can have: the corpus must hold a history for each, and each must show what its name says. */
import proto from '@temporalio/proto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { SagaResult } from '../../../packages/sagaline/kernel/definition.ts';
import type { NamedHistory } from '../../../packages/sagaline/testing/replay/histories.ts';

const { EventType } = proto.temporal.api.enums.v1;

interface Outcome {
  readonly state: SagaResult['state'];
  /** Event types that tell this history from others. */
  readonly shows?: readonly (keyof typeof EventType)[];
  /** Fields of the outcome's payload, as they must be. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Some activity was tried more than once. */
  readonly retried?: true;
}

const SIGNALED = 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED';
const RESOLVED = 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED';
const TIMER_FIRED = 'EVENT_TYPE_TIMER_FIRED';

/** Undone last first; both of the parallel steps count, whichever of them failed. */
const ALL_STEPS = ['analytics', 'notification', 'payment'];

export const outcomes: Readonly<Record<string, Outcome>> = {
  'orderSaga-completed': { state: 'completed', payload: { orderId: 'completed', amount: 1999, currency: 'EUR' } },
  'orderSaga-retried': { state: 'completed', retried: true },
  // The analytics fact could not be written for seconds: local activities give way to a durable timer.
  'orderSaga-database-outage': { state: 'completed', shows: [TIMER_FIRED] },
  'orderSaga-declined': { state: 'rejected', payload: { reason: 'PaymentDeclined', step: 'payment' } },
  'orderSaga-rolled-back': {
    state: 'rejected',
    payload: { reason: 'RecipientRefused', step: 'notification', compensated: ALL_STEPS, skipped: [] },
  },
  'orderSaga-deadline': {
    state: 'rejected',
    shows: [TIMER_FIRED],
    payload: { reason: 'DeadlineExceeded', compensated: ['payment'] },
  },
  'orderSaga-cancelled': { state: 'cancelled', shows: [SIGNALED], payload: { compensated: ['payment'] } },
  'orderSaga-cancelled-by-operator': { state: 'cancelled', shows: [SIGNALED], payload: { compensated: ['payment'] } },
  'orderSaga-cancelled-in-temporal': {
    state: 'cancelled',
    shows: ['EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED'],
    payload: { reason: 'CancelledInTemporal', compensated: ['payment'] },
  },
  'orderSaga-cancelled-before-start': { state: 'cancelled', payload: { compensated: [] } },
  // The claim was made and its marker discarded, because the signal came in between (kernel rule 3).
  'orderSaga-cancel-refused-too-late': {
    state: 'completed',
    shows: [SIGNALED, 'EVENT_TYPE_WORKFLOW_TASK_FAILED'],
  },
  'orderSaga-parked-and-retried': { state: 'rejected', shows: [RESOLVED], payload: { compensated: ALL_STEPS } },
  'orderSaga-parked-and-skipped': {
    state: 'rejected',
    shows: [RESOLVED],
    payload: {
      compensated: ['analytics', 'notification'],
      skipped: [{ step: 'payment', reason: 'paid back by hand' }],
    },
  },
  'orderSaga-parked-and-done': {
    state: 'rejected',
    shows: [RESOLVED],
    payload: { compensated: ALL_STEPS, skipped: [] },
  },
  // The refund was no final refusal: its time ran out.
  'orderSaga-parked-out-of-time': {
    state: 'rejected',
    shows: [RESOLVED],
    payload: { compensated: ALL_STEPS },
  },
  'signupSaga-followed-up': { state: 'completed', shows: [TIMER_FIRED], payload: { followedUp: true } },
  'signupSaga-active-before-timer': {
    state: 'completed',
    shows: [SIGNALED, 'EVENT_TYPE_TIMER_CANCELED'],
    payload: { followedUp: false },
  },
  'signupSaga-rolled-back': {
    state: 'rejected',
    payload: { reason: 'RecipientRefused', step: 'welcome', compensated: ['profile'] },
  },
  'alertSaga-notified': { state: 'completed', payload: { service: 'checkout', channels: ['email'] } },
  'alertSaga-refused': {
    state: 'rejected',
    payload: { reason: 'RecipientRefused', step: 'notify', compensated: [], skipped: [] },
  },
};

/** The outcome that a history is of: `orderSaga-declined`, and `orderSaga-declined.2` of a later kernel. */
export function outcomeNamed(name: string): Outcome | undefined {
  return outcomes[name.split('.')[0] ?? ''];
}

/** What a history lacks of the outcome that its name promises; empty when it shows all of it. */
export function lackingIn({ history }: NamedHistory, outcome: Outcome): string[] {
  const events = history.events ?? [];
  const result = resultOf(events.at(-1));
  if (!result) return ['it has not come to its end'];
  const lacking: string[] = [];
  if (result.state !== outcome.state) lacking.push(`it ends as ${result.state}, not as ${outcome.state}`);
  const payload = (result.outcome?.payload ?? {}) as Record<string, unknown>;
  for (const [field, wanted] of Object.entries(outcome.payload ?? {})) {
    const [is, should] = [JSON.stringify(payload[field]), JSON.stringify(wanted)];
    if (is !== should) lacking.push(`${field} of its outcome is ${is}, not ${should}`);
  }
  for (const type of outcome.shows ?? []) {
    if (!events.some(({ eventType }) => eventType === EventType[type])) lacking.push(`it has no ${type}`);
  }
  const attempts = events.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0);
  if (outcome.retried && Math.max(...attempts) < 2) lacking.push('nothing in it was retried');
  return lacking;
}

function resultOf(last: proto.temporal.api.history.v1.IHistoryEvent | undefined): SagaResult | undefined {
  const [result] = last?.workflowExecutionCompletedEventAttributes?.result?.payloads ?? [];
  return result ? defaultPayloadConverter.fromPayload<SagaResult>(result) : undefined;
}

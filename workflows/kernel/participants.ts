/**
 * The participants as a saga calls them, with time-outs and retries in this one place.
 *
 * Remote participants (a provider, a mail server) are ordinary activities. Local ones are short, idempotent and touch our
 * database only: they run as local activities, which saves a round trip each (kernel rule 16).
 */
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  AnalyticsActivities,
  NotificationActivities,
  OutcomeActivities,
  PaymentActivities,
  ProfileActivities,
} from '../contracts/participants.ts';
import { ProgrammingError } from './errors.ts';
import { currentStep, type StepContext } from './step-context.ts';

type Activity = (input: unknown) => Promise<unknown>;
type Activities = Record<string, Activity>;

/** How long one attempt may take. A cancelled step waits for its current attempt, so this also bounds a cancel (rule 9). */
const REMOTE = {
  startToCloseTimeout: '15 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '300 ms', backoffCoefficient: 2, maximumInterval: '30 seconds' },
} as const;

/** Beyond `localRetryThreshold` the backoff is a durable timer, so that a long outage does not hold a workflow task. */
const LOCAL = {
  startToCloseTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  localRetryThreshold: '2 seconds',
  retry: { initialInterval: '50 ms', backoffCoefficient: 2, maximumInterval: '10 seconds' },
} as const;

/**
 * A participant reached over the network; its activities are named `<name>.<method>`.
 *
 * @example const stock = remoteParticipant<StockActivities>('stock');
 */
export function remoteParticipant<A extends object>(name: string): A {
  return participant<A>(name, (activity, input) => {
    const step = currentStep();
    const options = step
      ? { ...REMOTE, ...remaining(step), activityId: activityId(step), summary: step.summary }
      : REMOTE;
    return call(proxyActivities<Activities>(options)[activity], input);
  });
}

/** A participant that only touches our own database, in one short idempotent transaction. */
export function localParticipant<A extends object>(name: string): A {
  return participant<A>(name, (activity, input) => {
    const step = currentStep();
    if (step?.kind === 'pivot') {
      // A signal makes the server discard the markers of local activities: the kernel could forget that it went through.
      throw new ProgrammingError(
        `step ${step.name} is a pivot, and ${activity} is a local activity: a pivot must be remote`,
      );
    }
    const options = step ? { ...LOCAL, ...remaining(step), summary: step.summary } : LOCAL;
    return call(proxyLocalActivities<Activities>(options)[activity], input);
  });
}

function participant<A extends object>(
  name: string,
  invoke: (activity: string, input: unknown) => Promise<unknown>,
): A {
  return new Proxy({} as A, {
    get(_, method) {
      if (typeof method !== 'string') return undefined;
      return (input: unknown) => invoke(`${name}.${method}`, input);
    },
  });
}

/** The proxy has a method for every name; only the type of a record cannot say so. */
function call(activity: Activity | undefined, input: unknown): Promise<unknown> {
  return (activity as Activity)(input);
}

/** The rest of the step's time bounds all attempts together; at least 1 ms, because 0 means no bound to Temporal. */
function remaining({ endsAt }: StepContext): { scheduleToCloseTimeout?: number } {
  return endsAt === undefined ? {} : { scheduleToCloseTimeout: Math.max(1, endsAt - Date.now()) };
}

function activityId(step: StepContext): string {
  step.calls += 1;
  return step.calls === 1 ? step.name : `${step.name}#${step.calls}`;
}

export const payments = remoteParticipant<PaymentActivities>('payment');
export const notifications = remoteParticipant<NotificationActivities>('notification');
export const analytics = localParticipant<AnalyticsActivities>('analytics');
export const profiles = localParticipant<ProfileActivities>('profile');

/** The kernel's own: sagas return their outcome instead of calling it. */
export const outcomes = localParticipant<OutcomeActivities>('outcome');

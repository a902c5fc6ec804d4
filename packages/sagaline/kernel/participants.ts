/**
 * The participants as a saga calls them, with time-outs and retries in this one place.
 *
 * Remote participants (a provider, a mail server) are ordinary activities. Local ones are short, idempotent and touch our
 * database only: they run as local activities, which saves a round trip each (kernel rule 16).
 */
import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { MethodsOf, ParticipantType } from '../contracts/participant.ts';
import type { OutcomeActivities } from '../contracts/participants.ts';
import { REMOTE_RETRY, type StepTime } from '../contracts/step-time.ts';
import { ProgrammingError } from './errors.ts';
import { persist } from './persistence.ts';
import { currentStep, type StepContext } from './step-context.ts';

type Activity = (input: unknown, time?: StepTime) => Promise<unknown>;
type Activities = Record<string, Activity>;

/** How long one attempt may take. A cancelled step waits for its current attempt, so this also bounds a cancel (kernel rule 9). */
const REMOTE = {
  startToCloseTimeout: '15 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: REMOTE_RETRY,
} as const;

/** How long a worker may be silent in the middle of an attempt; it speaks every second of one that takes long. */
const HEARTBEAT = { heartbeatTimeout: '5 seconds' } as const;

/** Beyond `localRetryThreshold` the backoff is a durable timer, so that a long outage does not hold a workflow task. */
const LOCAL = {
  startToCloseTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  localRetryThreshold: '2 seconds',
  retry: { initialInterval: '50 ms', backoffCoefficient: 2, maximumInterval: '10 seconds' },
} as const;

/** One round: three attempts within the workflow task. Pauses after it are the kernel's, durable and aborted at once. */
const LOCAL_ROUND = { ...LOCAL, retry: { ...LOCAL.retry, maximumAttempts: 3 } } as const;

/**
 * A remote participant, as sagas call it; its activities are named `<name>.<method>`. Of the participant's value only the type is
 * needed, so nothing of it enters the workflow bundle.
 *
 * @example
 * import { remote } from 'sagaline/workflow';
 * import type { stock } from './participants/stock.ts';
 *
 * export const stocks = remote<typeof stock>('stock');
 */
export function remote<P extends ParticipantType<'remote'>>(name: P['name']): MethodsOf<P> {
  return participant<MethodsOf<P>>(name, (activity, input) => {
    const step = currentStep();
    if (!step) return call(proxyActivities<Activities>(REMOTE)[activity], input);
    const { name: stepName, summary, time } = step;
    if (time.keptBy === 'clock') {
      const options = { ...REMOTE, ...remaining(time), activityId: activityId(step), summary };
      return call(proxyActivities<Activities>(options)[activity], input);
    }
    const attempt = () => {
      const options = { ...REMOTE, ...HEARTBEAT, activityId: activityId(step), summary };
      return call(proxyActivities<Activities>(options)[activity], input, { withinMs: time.withinMs });
    };
    return persist(attempt, { activity, summary: stepName, withinMs: time.withinMs });
  });
}

/**
 * A local participant, as sagas call it: it only touches our own database, in one short idempotent transaction.
 *
 * @example
 * import { local } from 'sagaline/workflow';
 * import type { prices } from './participants/prices.ts';
 *
 * export const priceList = local<typeof prices>('prices');
 */
export function local<P extends ParticipantType<'local'>>(name: P['name']): MethodsOf<P> {
  return participant<MethodsOf<P>>(name, (activity, input) => {
    const step = currentStep();
    if (!step) return call(proxyLocalActivities<Activities>(LOCAL)[activity], input);
    const { name: stepName, kind, summary, time, failed } = step;
    if (kind === 'pivot') {
      // A signal makes the server discard the markers of local activities: the kernel could forget that it went through.
      throw new ProgrammingError(
        `step ${stepName} is a pivot, and ${activity} is a local activity: a pivot must be remote`,
      );
    }
    if (time.keptBy === 'clock') {
      const options = { ...LOCAL, ...remaining(time), summary };
      return call(proxyLocalActivities<Activities>(options)[activity], input);
    }
    // Out of reach of a cancel, which is for the pauses: one that meets a local activity whose result is on its way breaks the
    // workflow task, and does so at every replay.
    const round = () =>
      CancellationScope.nonCancellable(() =>
        call(proxyLocalActivities<Activities>({ ...LOCAL_ROUND, summary })[activity], input, {
          withinMs: time.withinMs,
        }),
      );
    return persist(round, { activity, summary: stepName, withinMs: time.withinMs, failed });
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
function call(activity: Activity | undefined, input: unknown, time?: StepTime): Promise<unknown> {
  return time ? (activity as Activity)(input, time) : (activity as Activity)(input);
}

/** The rest of the step's time bounds all attempts together; at least 1 ms, because 0 means no bound to Temporal. */
function remaining({ endsAt }: { endsAt: number }): { scheduleToCloseTimeout: number } {
  return { scheduleToCloseTimeout: Math.max(1, endsAt - Date.now()) };
}

function activityId(step: StepContext): string {
  step.calls += 1;
  return step.calls === 1 ? step.name : `${step.name}#${step.calls}`;
}

/** The kernel's own: sagas return their outcome instead of calling it. */
export const outcomes = local<ParticipantType<'local', 'outcome', OutcomeActivities>>('outcome');

/** Participants that do what a test says: the far end of a workflow test, where time is skipped and nothing is real but the saga. */
import { activityInfo, Context } from '@temporalio/activity';
import type { Behaviour } from './behaviours.ts';
import { SagaRow } from './saga-row.ts';

const RESULTS: Readonly<Record<string, unknown>> = {
  'payment.charge': { paymentId: 'pay-1', amount: 1999 },
  'payment.refund': { refunded: 1999 },
  'notification.send': { sent: ['email'] },
  'notification.correct': { corrected: ['email'] },
  'analytics.record': undefined,
  'analytics.reverse': { reversed: true },
  'profile.create': { profileId: 'profile-1' },
  'profile.remove': { removed: true },
};

const OUTCOMES = ['complete', 'beginRollback', 'finishRollback', 'reportParked', 'refuseCancel'] as const;

/** One attempt at a participant's activity, as the participant sees it. */
export interface Call {
  readonly activity: string;
  /** `payment`, or `payment.compensation`: read from the idempotency keys, which is all that a participant knows of it. */
  readonly step: string;
  readonly activityId: string;
  readonly attempt: number;
  readonly local: boolean;
  readonly input: { readonly key?: string; readonly actionKey?: string; readonly result?: unknown };
}

/** What a test says of one saga's participants, by step name (`payment.compensation`) or activity (`outcome.complete`). */
export type Script = ReadonlyMap<string, Behaviour>;

/** Participants of one saga: what they were told to do, what they were asked, and the saga row. */
export class FarEnd {
  script: Script = new Map();
  readonly calls: Call[] = [];
  readonly outcomeCalls: string[] = [];
  /** All of it in one order: `payment begins`, `payment ends`, `outcome.complete`. */
  readonly timeline: string[] = [];
  readonly row = new SagaRow();
  /** Told which steps are parked, before the saga goes on. */
  whenParked: (parked: readonly string[]) => Promise<void> = () => Promise.resolve();
  private readonly watchers = new Set<() => void>();

  changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  /** Resolves as soon as `condition` holds; looked at whenever a participant is called or the row changes. */
  async until(condition: () => boolean, what: string, withinMs = 20_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (end: () => void) => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
        end();
      };
      const watcher = () => {
        if (condition()) finish(resolve);
      };
      const timer = setTimeout(() => finish(() => reject(new Error(`waited in vain for ${what}`))), withinMs);
      this.watchers.add(watcher);
    });
  }
}

/** One set of participants, shared by every saga of a test file: scripts and calls are kept by workflow id. */
export function createScriptedParticipants() {
  const sagas = new Map<string, FarEnd>();

  function farEndOf(workflowId: string): FarEnd {
    const known = sagas.get(workflowId) ?? new FarEnd();
    sagas.set(workflowId, known);
    return known;
  }

  async function perform(activity: string, input: Call['input']): Promise<unknown> {
    const { workflowExecution, attempt, activityId, isLocal } = activityInfo();
    const farEnd = farEndOf(workflowIdOf(workflowExecution));
    const step = stepOf(input);
    farEnd.calls.push({ activity, step, activityId, attempt, local: isLocal, input });
    farEnd.changed();
    const behaviour = farEnd.script.get(step) ?? farEnd.script.get(activity);
    const call = farEnd.calls.filter((made) => made.step === step).length;
    farEnd.timeline.push(`${step} begins`);
    try {
      return (await behaviour?.({ call, input, untilCancelled })) ?? RESULTS[activity];
    } finally {
      farEnd.timeline.push(`${step} ends`);
    }
  }

  async function claim(method: (typeof OUTCOMES)[number], input: never): Promise<unknown> {
    const farEnd = farEndOf(workflowIdOf(activityInfo().workflowExecution));
    farEnd.outcomeCalls.push(method);
    farEnd.timeline.push(`outcome.${method}`);
    farEnd.changed();
    const call = farEnd.outcomeCalls.filter((made) => made === method).length;
    // What a test does here, it does after the transaction and before the reply: the worst moment.
    const before = farEnd.script.get(`outcome.${method}.before`);
    await before?.({ call, input, untilCancelled });
    const winner = await farEnd.row.activities[method](input);
    if (method === 'reportParked') await farEnd.whenParked(farEnd.row.parked);
    farEnd.changed();
    await farEnd.script.get(`outcome.${method}`)?.({ call, input, untilCancelled });
    return winner;
  }

  const participants = Object.keys(RESULTS).map(
    (activity) => [activity, (input: Call['input']) => perform(activity, input)] as const,
  );
  const outcomes = OUTCOMES.map((method) => [`outcome.${method}`, (input: never) => claim(method, input)] as const);
  return { activities: Object.fromEntries([...participants, ...outcomes]), farEndOf };
}

function workflowIdOf(execution: { workflowId: string } | undefined): string {
  if (!execution) throw new Error('an activity without a workflow');
  return execution.workflowId;
}

/** `orderSaga:o-1/payment` is the key of step payment; who is told an action key undoes it. */
function stepOf({ key, actionKey }: Call['input']): string {
  const of = actionKey ?? key ?? '';
  const name = of.slice(of.indexOf('/') + 1);
  return actionKey === undefined ? name : `${name}.compensation`;
}

/** Resolves when the attempt is told that it was cancelled. */
async function untilCancelled(): Promise<void> {
  const context = Context.current();
  // A remote activity learns of it in the answer to a heartbeat.
  const heart = setInterval(() => context.heartbeat(), 20);
  await context.cancelled.catch(() => undefined);
  clearInterval(heart);
}

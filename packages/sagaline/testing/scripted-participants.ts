/** Participants that do what a test says: the far end of a workflow test, where time is skipped and nothing is real but the saga. */
import { activityInfo, CompleteAsyncError, Context, type Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { dies, inTurn, type Behaviour } from './behaviours.ts';
import { FarEnd, type Call } from './far-end.ts';

export const OUTCOMES = ['complete', 'beginRollback', 'finishRollback', 'reportParked', 'refuseCancel'] as const;

/** What participants answer where a test says nothing: by step (`payment`), or by activity (`payment.charge`). */
export type Results = Readonly<Record<string, unknown>>;

/** One set of participants, shared by every saga of a test file: scripts and calls are kept by workflow id. */
export function createScriptedParticipants(results: Results = {}) {
  const sagas = new Map<string, FarEnd>();

  function farEndOf(workflowId: string): FarEnd {
    const known = sagas.get(workflowId) ?? new FarEnd();
    sagas.set(workflowId, known);
    return known;
  }

  /** What is said of the step, and where that answers nothing, what is said of the activity. */
  function behaviourFor(info: Info, step: string): Behaviour | undefined {
    const { script } = farEndOf(workflowIdOf(info));
    const [ofStep, ofActivity] = [script.get(step), script.get(info.activityType)];
    return ofStep ? inTurn(ofStep, ofActivity) : ofActivity;
  }

  /** Notes an attempt. @returns the number of attempts at its step */
  function note(info: Info, input: Call['input'], step: string): number {
    const { activityType: activity, activityId, attempt, isLocal: local } = info;
    const farEnd = farEndOf(workflowIdOf(info));
    farEnd.calls.push({ activity, step, activityId, attempt, local, input });
    farEnd.changed();
    return farEnd.calls.filter((made) => made.step === step).length;
  }

  async function perform(said: unknown): Promise<unknown> {
    const info = activityInfo();
    const { timeline } = farEndOf(workflowIdOf(info));
    const input = fieldsOf(said);
    const step = stepOf(info, input);
    const call = note(info, input, step);
    timeline.push(`${step} begins`);
    try {
      const answer = await behaviourFor(info, step)?.({ call, input, untilCancelled });
      return answer ?? results[step] ?? results[info.activityType];
    } finally {
      timeline.push(`${step} ends`);
    }
  }

  async function claim(method: (typeof OUTCOMES)[number], input: never): Promise<unknown> {
    const farEnd = farEndOf(workflowIdOf(activityInfo()));
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

  /** Outermost, for a dead worker keeps no account and says nothing: the server finds out by its silence. */
  const deaths: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute(input, next) {
        const said = fieldsOf(input.args[0]);
        const step = stepOf(info, said);
        const times = info.isLocal ? 0 : dies(behaviourFor(info, step));
        const made = farEndOf(workflowIdOf(info)).calls.filter((call) => call.step === step).length;
        if (made >= times) return next(input);
        note(info, said, step);
        throw new CompleteAsyncError();
      },
    },
  });

  return {
    activities: {
      // By this name the SDK calls whatever is registered under no other, local activities included.
      default: perform,
      ...Object.fromEntries(OUTCOMES.map((method) => [`outcome.${method}`, (input: never) => claim(method, input)])),
    },
    interceptor: deaths,
    farEndOf,
    knows: (workflowId: string) => sagas.has(workflowId),
    /** Forgets what was there under this id: a saga begins anew. */
    renew: (workflowId: string) => void sagas.delete(workflowId),
  };
}

function workflowIdOf({ workflowExecution }: Info): string {
  if (!workflowExecution) throw new Error('an activity without a workflow');
  return workflowExecution.workflowId;
}

function fieldsOf(said: unknown): Call['input'] {
  return typeof said === 'object' && said !== null ? said : {};
}

/**
 * Which step an attempt is of. A remote activity's id is the step's name, and of its later calls that with a number; of a local
 * one only the idempotency keys tell: `orderSaga:o-1/payment` is the key of step payment, who is told an action key undoes it.
 */
function stepOf(info: Info, input: Call['input']): string {
  if (!info.isLocal) return info.activityId.replace(/#\d+$/, '');
  const { actionKey, ...others } = input;
  const prefix = `${workflowIdOf(info)}/`;
  const keys = Object.values(others).flatMap((value) => keyIn(value, prefix));
  const [undone = keys.find((key) => key.endsWith(UNDO))?.slice(0, -UNDO.length)] = keyIn(actionKey, prefix);
  if (undone !== undefined) return `${undone}.compensation`;
  return keys[0] ?? info.activityType;
}

const UNDO = '/undo';

function keyIn(value: unknown, prefix: string): string[] {
  return typeof value === 'string' && value.startsWith(prefix) ? [value.slice(prefix.length)] : [];
}

/** Resolves when the attempt is told that it was cancelled. */
async function untilCancelled(): Promise<void> {
  const context = Context.current();
  // A remote activity learns of it in the answer to a heartbeat.
  const heart = setInterval(() => context.heartbeat(), 20);
  await context.cancelled.catch(() => undefined);
  clearInterval(heart);
}

/** Participants that do what a test says: the far end of a workflow test, where time is skipped and nothing is real but the saga. */
import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { OutcomeActivities, OutcomeEvent, Winner } from '../../workflows/contracts/participants.ts';
import type { AbortCause, Journey, SagaState } from '../../workflows/contracts/saga.ts';

type Behaviour = (call: number, input: unknown) => unknown;

/** What a participant's activity does, as `where('payment.charge', (it) => it.failsForGood('PaymentDeclined'))` says it. */
export const behaviours = {
  succeeds:
    (result?: unknown): Behaviour =>
    () =>
      result,
  /** A declared final failure. */
  failsForGood:
    (type: string): Behaviour =>
    () => {
      throw ApplicationFailure.nonRetryable(`${type} (scripted)`, type);
    },
  /** Retryable failures, then success. */
  failsTimes:
    (times: number, result?: unknown): Behaviour =>
    (call) => {
      if (call <= times) throw new Error(`transient failure ${call} (scripted)`);
      return result;
    },
  /** Never succeeds, never says so for good: the step's time runs out. */
  neverSucceeds: (): Behaviour => () => {
    throw new Error('transient failure (scripted)');
  },
  /** Final failures, then success: what an operator's retry meets. */
  refusesTimes:
    (times: number, type = 'Refused', result?: unknown): Behaviour =>
    (call) => {
      if (call <= times) throw ApplicationFailure.nonRetryable(`${type} (scripted)`, type);
      return result;
    },
  /** Runs `effect` in the middle of the attempt, then succeeds. */
  meanwhile:
    (effect: () => Promise<unknown>, result?: unknown): Behaviour =>
    async () => {
      await effect();
      return result;
    },
  throws:
    (error: Error): Behaviour =>
    () => {
      throw error;
    },
};

export type Behaviours = typeof behaviours;

const RESULTS: Readonly<Record<string, unknown>> = {
  'payment.charge': { paymentId: 'pay-1', amount: 1999 },
  'payment.refund': { refunded: 1999 },
  'notification.send': { sent: ['email'] },
  'notification.correct': { corrected: ['email'] },
  'analytics.reverse': { reversed: true },
  'profile.create': { profileId: 'profile-1' },
  'profile.remove': { removed: true },
};

const ACTIVITIES = [...Object.keys(RESULTS), 'analytics.record'];

export interface Call {
  readonly activity: string;
  readonly activityId: string;
  readonly attempt: number;
  readonly input: { readonly key?: string; readonly actionKey?: string };
}

/** The saga row, claimed by compare-and-set as the real one is. */
export class SagaRow {
  state: SagaState = 'running';
  cause: AbortCause | undefined;
  parked: readonly string[] = [];
  journey: Journey | undefined;
  readonly outbox: OutcomeEvent[] = [];
  readonly refusals = new Map<string, OutcomeEvent>();

  readonly activities: OutcomeActivities = {
    complete: ({ outcome, journey }) => this.claim('running', 'completed', () => this.close(outcome, journey)),
    beginRollback: ({ cause }) => this.claim('running', 'rollingBack', () => void (this.cause = cause)),
    finishRollback: ({ state, outcome, journey }) =>
      this.claim('rollingBack', state, () => this.close(outcome, journey)),
    reportParked: async ({ parked }) => void (this.parked = parked),
    refuseCancel: async ({ requestId, answer }) => void this.refusals.set(requestId, answer),
  };

  private close(outcome: OutcomeEvent, journey: Journey): void {
    this.outbox.push(outcome);
    this.journey = journey;
  }

  private async claim(from: SagaState, to: SagaState, effect: () => void): Promise<Winner> {
    if (this.state === from) {
      this.state = to;
      effect();
    }
    return { state: this.state, ...(this.cause ? { cause: this.cause } : {}) };
  }
}

/** One set of participants, shared by every saga of a test file: scripts and calls are kept by workflow id. */
export function createScriptedParticipants() {
  const scripts = new Map<string, Map<string, Behaviour>>();
  const calls = new Map<string, Call[]>();
  const rows = new Map<string, SagaRow>();

  const rowOf = (workflowId: string) => getOrPut(rows, workflowId, () => new SagaRow());
  const callsOf = (workflowId: string) => getOrPut(calls, workflowId, () => []);

  async function perform(activity: string, input: unknown): Promise<unknown> {
    const { workflowExecution, attempt, activityId } = activityInfo();
    const { workflowId } = workflowExecution;
    const made = callsOf(workflowId);
    made.push({ activity, activityId, attempt, input: input as Call['input'] });
    Context.current().heartbeat();
    const behaviour = scripts.get(workflowId)?.get(activity);
    if (!behaviour) return RESULTS[activity];
    return (await behaviour(made.filter((call) => call.activity === activity).length, input)) ?? RESULTS[activity];
  }

  const participants = ACTIVITIES.map((activity) => [activity, (input: unknown) => perform(activity, input)] as const);
  const outcome = (Object.keys(new SagaRow().activities) as (keyof OutcomeActivities)[]).map(
    (method) =>
      [
        `outcome.${method}`,
        async (input: never) => {
          const { workflowId } = activityInfo().workflowExecution;
          await scripts.get(workflowId)?.get(`outcome.${method}`)?.(1, input);
          return rowOf(workflowId).activities[method](input);
        },
      ] as const,
  );

  return {
    activities: Object.fromEntries([...participants, ...outcome]),
    rowOf,
    callsOf,
    script: (workflowId: string, script: Map<string, Behaviour>) => void scripts.set(workflowId, script),
  };
}

export type { Behaviour };

function getOrPut<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

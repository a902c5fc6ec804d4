import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

/** One attempt at an activity. */
export interface Attempt {
  /** 1 for the first call of this step in this saga, over all attempts, runs and operators' retries. */
  readonly call: number;
  readonly input: unknown;
  /** Resolves when the attempt is told that it was cancelled. */
  readonly untilCancelled: () => Promise<void>;
}

/** What a participant does in one attempt: what it returns is the result, what it throws the failure. */
export type Behaviour = (attempt: Attempt) => unknown;

function refuse(type: string): never {
  throw ApplicationFailure.nonRetryable(`${type} (scripted)`, type);
}

function fail(): never {
  throw new Error('transient failure (scripted)');
}

/** As our own database is when it is away, which participants that do have one tell by its failures. */
class ScriptedOutage extends Error {}

export function isScriptedOutage(error: unknown): boolean {
  return error instanceof ScriptedOutage;
}

const DEATHS = Symbol('deaths');

/** How many attempts end without a word, for a worker died in the middle of each; 0 for any other behaviour. */
export function dies(behaviour: Behaviour | undefined): number {
  return (behaviour as { [DEATHS]?: number } | undefined)?.[DEATHS] ?? 0;
}

/** What `first` does; where it answers nothing, what `then` does. */
export function inTurn(first: Behaviour, then: Behaviour | undefined): Behaviour {
  if (!then) return first;
  return Object.assign(async (attempt: Attempt) => (await first(attempt)) ?? (await then(attempt)), {
    [DEATHS]: dies(first),
  });
}

/** What a participant does, as `where('payment', (it) => it.failsForGood('PaymentDeclined'))` says it. */
export const behaviours = {
  /** Does its work, with this result. */
  succeeds:
    (result?: unknown): Behaviour =>
    () =>
      result,
  /** A declared final failure, whenever it is asked. */
  failsForGood:
    (type: string): Behaviour =>
    () =>
      refuse(type),
  /** The same, said of an undo. */
  isRefused:
    (type = 'Refused'): Behaviour =>
    () =>
      refuse(type),
  /** Final failures, then success: what an operator's retry meets. */
  isRefusedTimes:
    (times: number, type = 'Refused'): Behaviour =>
    ({ call }) =>
      call <= times ? refuse(type) : undefined,
  /** Retryable failures, then success. */
  failsTimes:
    (times: number): Behaviour =>
    ({ call }) =>
      call <= times ? fail() : undefined,
  /** Our own outage, then success. */
  failsByOurOutageTimes:
    (times: number): Behaviour =>
    ({ call }) => {
      if (call <= times) throw new ScriptedOutage('our own database is away (scripted)');
    },
  /** Says that it wants to be asked again, and when: 0 means to Temporal that it is not. */
  asksForAnotherTry:
    (times: number, nextRetryDelay: number): Behaviour =>
    ({ call }) => {
      if (call <= times)
        throw ApplicationFailure.create({ message: 'not now (scripted)', type: 'NotNow', nextRetryDelay });
    },
  /**
   * The worker dies in the middle of the first attempts, which the server notices by its silence, some seconds later; then
   * `next`. Of a remote participant's steps: the workflow task that a local one runs in is done again as a whole.
   */
  losesItsWorkerTimes: (times: number, next: Behaviour = () => undefined): Behaviour =>
    Object.assign((attempt: Attempt) => next(attempt), { [DEATHS]: times }),
  /** Never answers. */
  hangs: (): Behaviour => () => new Promise(() => undefined),
  /** Never succeeds, and never says so for good: the step's time runs out. */
  neverSucceeds: (): Behaviour => fail,
  /** Does `effect` in the middle of the first attempt, and then what `next` says; succeeds unless told. */
  meanwhile:
    (effect: () => Promise<unknown>, next?: Behaviour): Behaviour =>
    async (attempt) => {
      if (attempt.call === 1) await effect();
      return next?.(attempt);
    },
  /** Does `effect`, waits until its own cancel has come through, and ends as `end` says. */
  isCancelled:
    (effect: () => Promise<unknown>, end: 'succeeds' | 'fails' | 'stops'): Behaviour =>
    async ({ call, untilCancelled }) => {
      if (call > 1) throw new Error('tried again after a cancel');
      await effect();
      await untilCancelled();
      if (end === 'fails') fail();
      if (end === 'stops') throw new CancelledFailure('stopped (scripted)');
      return undefined;
    },
  /** Takes its time, and succeeds only when it is told that it was cancelled. */
  endsWhenCancelled: (): Behaviour => (attempt) => attempt.untilCancelled(),
  /** Throws exactly this, at every attempt. */
  throws:
    (error: Error): Behaviour =>
    () => {
      throw error;
    },
};

/** What `it` offers in `given(…).where(who, (it) => …)`. */
export type Behaviours = typeof behaviours;

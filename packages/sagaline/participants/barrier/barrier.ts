/**
 * The sub-transaction barrier: what every participant needs whose action can be undone, once for all of them. An undoing may come
 * before its action (null compensation), an action after its undoing (hanging action), and either twice (kernel rule 2).
 * docs/participants.md says what it promises, docs/adr/0019-a-barrier-for-participants.md why it is made so.
 */
import { ActionUndone, FinalFailure } from '../../contracts/failures.ts';
import type { Failpoint } from '../../ground/failpoints.ts';
import { StillOpen } from '../still-open.ts';
import { NoUsableAnswer, type Http } from '../http.ts';
import { bindHttp } from './call-http.ts';
import type { Attempt, Call, CallRow, CallStore, Undoable } from './ports.ts';

/** An attempt may still be on its way to the far end: too early to say that there is nothing to undo. */
export class CallStillOpen extends StillOpen {
  /** @param openForMs after which the question can be answered */
  constructor(key: string, openForMs: number) {
    super('CallStillOpen', `what ${key} asked for may still arrive`, openForMs);
  }
}

/** What is thrown, for participants whose failures have names of their own. */
export interface BarrierFailures<Row> {
  /** A compensation came first. */
  readonly undone: (row: Row) => FinalFailure;
  /** An attempt may still be on its way. */
  readonly stillOpen: (row: Row) => StillOpen;
  /** Nothing usable came of it. Retryable. */
  readonly noAnswer: (what: string) => Error;
}

/** What a barrier of one's own stands on: the memory, and how long the far end may take. */
export interface BarrierDeps<
  Input extends object,
  Answer extends object,
  Row extends CallRow<Answer>,
  About extends object,
  Undone = unknown,
> {
  readonly store: CallStore<Input, Answer, Row, About, Undone>;
  readonly http: Http;
  /** Such as `hotel.booking`: of failpoints. */
  readonly name: string;
  readonly failpoint: Failpoint;
  /** For one of `do`, `find` and `undo`, in ms. */
  readonly timeoutMs: number;
  /** For how long (ms) the far end may go on with what nobody waits for any more. */
  readonly settleMs: number;
  /** `ActionUndone`, `CallStillOpen` and `NoUsableAnswer` unless told. */
  readonly failures?: BarrierFailures<Row> | undefined;
}

/** Beyond a look-up and the action itself, for what our own database takes in between, in ms. */
const MARGIN_MS = 1_000;

const FAILURES: BarrierFailures<CallRow<object>> = {
  undone: ({ key }) => new ActionUndone(key),
  stillOpen: ({ key, openForMs }) => new CallStillOpen(key, openForMs),
  noAnswer: (what) => new NoUsableAnswer(what),
};

/** An action that can be undone, whatever comes first, and however often. */
export interface Barrier<Input extends object, Answer extends object, Row, About extends object> {
  /** Does it once, whatever the number of attempts. */
  readonly act: (key: string, input: Input) => Promise<Answer>;
  /** Takes it back, whatever became of it. @returns the row of what went back, now or before */
  readonly undo: (actionKey: string, about: About) => Promise<Row | undefined>;
  /** Finds out what became of an undone call, and takes back what landed. */
  readonly settleLate: (row: Row) => Promise<{ readonly returned?: Row | undefined; readonly declined: boolean }>;
}

/**
 * Makes a barrier over a memory of one's own, for a participant whose rows say more than `tools.barrier` keeps. Everybody else
 * uses that.
 */
export function createBarrier<
  Input extends object,
  Answer extends object,
  Row extends CallRow<Answer>,
  About extends object,
  Undone = unknown,
>(
  undoable: Undoable<Input, Answer, Row, Undone>,
  {
    store,
    http,
    name,
    failpoint,
    timeoutMs,
    settleMs,
    failures = FAILURES,
  }: BarrierDeps<Input, Answer, Row, About, Undone>,
): Barrier<Input, Answer, Row, About> {
  /** From an attempt's beginning until it has given up its last request, in ms. */
  const requestsMs = 2 * timeoutMs + MARGIN_MS;
  const callOf = (key: string, withinMs = timeoutMs): Call => ({
    ...{ key, withinMs },
    http: bindHttp(http, { key, withinMs }),
  });

  async function act(key: string, input: Input): Promise<Answer> {
    // From before the intent, whose own clock is the database's: our time is over before anybody believes that it is.
    const endsAt = performance.now() + requestsMs;
    const row = await store.open(key, input, requestsMs + settleMs);
    failpoint(`${name}.after-intent`);
    if (row.undone) return await refuseUndone(row);
    if (row.answer) return row.answer;
    // An attempt before this one may have got through, and its reply got lost: ask before asking for it again.
    const known = row.fresh ? undefined : await find(key);
    const answer = known ?? (await perform(row, input, endsAt));
    failpoint(`${name}.after-do`);
    const recorded = await store.answered(row, answer, { orSweep: true });
    if (recorded.undone) return await refuseUndone(recorded);
    return recorded.answer ?? answer;
  }

  async function perform(row: Attempt, input: Input, endsAt: number): Promise<Answer> {
    const withinMs = Math.min(timeoutMs, Math.floor(endsAt - performance.now()));
    // This process was frozen, or the database slow: an undoing may have found nothing by now.
    if (withinMs < 1) throw failures.noAnswer('the attempt was out of time before it asked');
    try {
      return await undoable.do(input, callOf(row.key, withinMs));
    } catch (error) {
      if (error instanceof FinalFailure) await store.endAttempt(row);
      throw error;
    }
  }

  async function find(key: string): Promise<Answer | undefined> {
    try {
      return await undoable.find(callOf(key));
    } catch (error) {
      // A refused look-up says nothing of what was looked for.
      if (error instanceof FinalFailure) throw failures.noAnswer(`the look-up was refused: ${error.type ?? 'unknown'}`);
      throw error;
    }
  }

  /** A compensation came first. What this key holds at the far end goes back, also what an attempt before this one left. */
  async function refuseUndone(row: Row): Promise<never> {
    await settleLate(row);
    throw failures.undone(row);
  }

  async function settleLate(row: Row) {
    const found = isUnknown(row) ? await find(row.key) : undefined;
    const settled = found ? await store.answered(row, found, { orSweep: true }) : row;
    return { returned: await takeBack(settled), declined: settled.state === 'declined' };
  }

  async function undo(actionKey: string, about: About): Promise<Row | undefined> {
    // Marked first, so that no attempt can make it stay from here on.
    const row = await store.markUndone(actionKey, about);
    const found = isUnknown(row) ? await find(actionKey) : undefined;
    // The time was read before the far end was asked: if it was over then, the answer is the last word.
    if (!found && isUnknown(row) && row.openForMs > 0) throw failures.stillOpen(row);
    return takeBack(found ? await store.answered(row, found, { orSweep: false }) : row);
  }

  /** @returns the row of what went back, now or before */
  async function takeBack(row: Row): Promise<Row | undefined> {
    if (row.state === 'undone') return row;
    if (row.state !== 'done' || !row.answer) return undefined;
    // One key, whoever takes it back: two that do it at once are one to the far end.
    const said = await undoable.undo(row.answer, callOf(`${row.key}/undo`), row);
    failpoint(`${name}.after-undo`);
    await store.takenBack(row, said);
    return row;
  }

  return { act, undo, settleLate };
}

/** An attempt began, and nobody knows what became of it. */
function isUnknown({ state, asked }: CallRow<object>): boolean {
  return state === 'intent' && asked;
}

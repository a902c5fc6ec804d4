/**
 * The sub-transaction barrier: what every participant needs whose action can be undone, once for all of them. An undoing may come
 * before its action (null compensation), an action after its undoing (hanging action), and either twice (kernel rule 2).
 * docs/participants.md says what it promises, docs/adr/0019-a-barrier-for-participants.md why it is made so.
 */
import { ActionUndone, FinalFailure } from '../../../workflows/contracts/failures.ts';
import type { Failpoint } from '../../failpoints.ts';
import { StillOpen } from '../../still-open.ts';
import { NoUsableAnswer, type Http } from '../http.ts';
import { bindHttp } from './call-http.ts';
import type { Call, CallRow, CallStore, Undoable, UndoableMethods } from './ports.ts';

/** An attempt may still be on its way to the far end: too early to say that there is nothing to undo. */
export class CallStillOpen extends StillOpen {
  /** @param openForMs after which the question can be answered */
  constructor(key: string, openForMs: number) {
    super('CallStillOpen', `what ${key} asked for may still arrive`, openForMs);
  }
}

export interface BarrierDeps<Answer extends object> {
  readonly store: CallStore<Answer>;
  readonly http: Http;
  /** Such as `hotel.booking`: of failpoints. */
  readonly name: string;
  readonly failpoint: Failpoint;
  /** For one of `do`, `find` and `undo`, in ms. */
  readonly timeoutMs: number;
  /** For how long (ms) the far end may go on with what nobody waits for any more. */
  readonly settleMs: number;
}

/** Beyond a look-up and the action itself, for what our own database takes in between, in ms. */
const MARGIN_MS = 1_000;

export type Barrier<Input extends object, Answer extends object> = UndoableMethods<Input, Answer> & {
  /** Finds out what became of an undone call, and takes back what landed. @returns undefined where nothing is known (yet) */
  readonly settleLate: (row: CallRow<Answer>) => Promise<'returned' | undefined>;
};

export function createBarrier<Input extends object, Answer extends object>(
  undoable: Undoable<Input, Answer>,
  { store, http, name, failpoint, timeoutMs, settleMs }: BarrierDeps<Answer>,
): Barrier<Input, Answer> {
  /** From an attempt's beginning until it has given up its last request, in ms. */
  const requestsMs = 2 * timeoutMs + MARGIN_MS;
  const callOf = (key: string, withinMs = timeoutMs): Call => ({
    ...{ key, withinMs },
    http: bindHttp(http, { key, withinMs }),
  });

  async function act({ key, ...rest }: Input & { key: string }): Promise<Answer> {
    const input: object = rest;
    // From before the intent, whose own clock is the database's: our time is over before anybody believes that it is.
    const endsAt = performance.now() + requestsMs;
    const row = await store.open(key, input, requestsMs + settleMs);
    failpoint(`${name}.after-intent`);
    if (row.undone) return await refuseUndone(row);
    if (row.answer) return row.answer;
    // An attempt before this one may have got through, and its reply got lost: ask before asking for it again.
    const known = row.fresh ? undefined : await find(key);
    // What is left without the key is the author's input again.
    const answer = known ?? (await perform(row, input as Input, endsAt));
    failpoint(`${name}.after-do`);
    const recorded = await store.answered(key, answer, { orSweep: true });
    if (recorded.undone) return await refuseUndone(recorded);
    return recorded.answer ?? answer;
  }

  async function perform(row: { key: string; attemptId: string }, input: Input, endsAt: number): Promise<Answer> {
    const withinMs = Math.min(timeoutMs, Math.floor(endsAt - performance.now()));
    // This process was frozen, or the database slow: an undoing may have found nothing by now.
    if (withinMs < 1) throw new NoUsableAnswer('the attempt was out of time before it asked');
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
      if (error instanceof FinalFailure)
        throw new NoUsableAnswer(`the look-up was refused: ${error.type ?? 'unknown'}`);
      throw error;
    }
  }

  /** A compensation came first. What this key holds at the far end goes back, also what an attempt before this one left. */
  async function refuseUndone(row: CallRow<Answer>): Promise<never> {
    await settleLate(row);
    throw new ActionUndone(row.key);
  }

  async function settleLate(row: CallRow<Answer>): Promise<'returned' | undefined> {
    const found = row.state === 'intent' && row.asked ? await find(row.key) : undefined;
    const settled = found ? await store.answered(row.key, found, { orSweep: true }) : row;
    return (await takeBack(settled)) ? 'returned' : undefined;
  }

  async function undo({ actionKey }: { actionKey: string }): Promise<{ undone: boolean }> {
    // Marked first, so that no attempt can make it stay from here on.
    const row = await store.markUndone(actionKey);
    const found = row.state === 'intent' && row.asked ? await find(actionKey) : undefined;
    // The time was read before the far end was asked: if it was over then, the answer is the last word.
    if (!found && row.state === 'intent' && row.asked && row.openForMs > 0) {
      throw new CallStillOpen(actionKey, row.openForMs);
    }
    const settled = found ? await store.answered(actionKey, found, { orSweep: false }) : row;
    return { undone: await takeBack(settled) };
  }

  /** @returns whether there is anything that went back, now or before */
  async function takeBack({ key, state, answer }: CallRow<Answer>): Promise<boolean> {
    if (state !== 'done' || !answer) return state === 'undone';
    // One key, whoever takes it back: two that do it at once are one to the far end.
    await undoable.undo(answer, callOf(`${key}/undo`));
    failpoint(`${name}.after-undo`);
    await store.takenBack(key);
    return true;
  }

  return { act, undo, settleLate };
}

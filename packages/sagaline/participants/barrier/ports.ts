/** What the barrier asks of whoever uses it, and of the memory behind it. */
import type { CallHttp } from './call-http.ts';

/** What `do`, `find` and `undo` ask the far end with. */
export interface Call {
  /** Idempotency key at the far end, the same at every attempt: the action's own, also in `find`; `<action key>/undo` in `undo`. */
  readonly key: string;
  /** For everything that is sent, in ms: nothing may be on its way after it. */
  readonly withinMs: number;
  /** Bound to both. */
  readonly http: CallHttp;
}

/** What the author writes, in this order: `do` says what the others are given. Each asks the far end, and nothing else. */
export interface Undoable<
  Input extends object,
  Answer extends object,
  Row extends CallRow<Answer> = CallRow<NoInfer<Answer>>,
  Undone = unknown,
> {
  /**
   * Does it, and says what `undo` needs to know. What it returns is kept as JSON, for ever: ids rather than personal data.
   *
   * @throws FinalFailure when the far end refuses it for good, and so has done nothing for this request
   */
  readonly do: (input: Input, call: Call) => Promise<Answer>;
  /** What became of `do` under this key, whoever heard of it; undefined when the far end knows nothing (yet). */
  readonly find: (call: Call) => Promise<NoInfer<Answer> | undefined>;
  /**
   * Takes it back. That it is taken back already is success.
   *
   * @throws FinalFailure when the far end refuses it, and somebody has to look at it
   */
  readonly undo: (answer: NoInfer<Answer>, call: Call, row: Row) => Promise<Undone>;
}

/** What sagas call. */
export interface UndoableMethods<Input extends object, Answer extends object> {
  /** Does it once, whatever the number of attempts. @throws FinalFailure of `do`; ActionUndone, KeyReused (final) */
  readonly act: (input: Input & { key: string }) => Promise<Answer>;
  /**
   * Takes it back, whatever became of it. `undone`: whether there was anything to undo.
   *
   * @throws FinalFailure of `undo`; CallStillOpen (retryable)
   */
  readonly undo: (input: { actionKey: string }) => Promise<{ undone: boolean }>;
}

/** What the far end takes its time for, in ms. */
export interface BarrierTimes {
  /** For one of `do`, `find` and `undo`; 5 seconds unless told, at most 6. */
  readonly timeoutMs?: number | undefined;
  /**
   * For how long the far end may go on with what nobody waits for any more; as long as `timeoutMs` unless told. The larger, the longer
   * an undoing waits before it believes that nothing was done.
   */
  readonly settleMs?: number | undefined;
  /** When the far end is asked again about an undone call that it does not know, each from the one before. */
  readonly sweepAfterMs?: readonly number[] | undefined;
  /** Between two sweeps; 5 seconds unless told. */
  readonly sweepEveryMs?: number | undefined;
}

/**
 * Makes the two methods of an action that can be undone, from what asks the far end. `name` says what it is, such as `booking`; it is
 * in rows, and so for ever.
 *
 * @throws TypeError for a name that is none or taken, in a local participant, and for a time-out that no attempt has
 */
export type MakeBarrier = <Input extends object, Answer extends object>(
  name: string,
  undoable: Undoable<Input, Answer> & BarrierTimes,
) => UndoableMethods<Input, Answer>;

/** One call, as we know it. A tombstone is a row that is `undone` and was never `asked`. */
export interface CallRow<Answer extends object> {
  /** Idempotency key of the action. */
  readonly key: string;
  /** `declined`: the far end answered, and there is nothing to undo. */
  readonly state: 'intent' | 'done' | 'undone' | 'declined';
  /** Whether an attempt ever began, or only its undoing. */
  readonly asked: boolean;
  readonly undone: boolean;
  /** What the far end answered; null while nobody knows. */
  readonly answer: Answer | null;
  /** For how long (ms) an attempt that nobody heard of may still reach the far end; 0 when that time is over. */
  readonly openForMs: number;
}

/** One attempt at an action: what it ends is its own time, and nobody else's. */
export interface Attempt {
  /** Idempotency key of the action. */
  readonly key: string;
  readonly attemptId: string;
}

/** A row that a sweep has to itself for a while. */
export type Unsettled<Row> = Row & {
  /** How often a sweep has asked about it, this one not counted. */
  readonly sweeps: number;
};

/** The memory. Each method is one statement, and so one transaction. */
export interface CallStore<
  Input extends object,
  Answer extends object,
  Row extends CallRow<Answer> = CallRow<Answer>,
  About extends object = object,
  Undone = unknown,
> {
  /**
   * Writes the intent, or reads the row that is there; an open one is kept open for another `attemptMs`.
   *
   * @returns `fresh` when nobody asked under this key before
   * @throws KeyReused (final) when the key stands for another call or input
   */
  open(key: string, input: Input, attemptMs: number): Promise<Row & Attempt & { readonly fresh: boolean }>;
  /**
   * Marks the row undone, and writes a tombstone where there is none. From then on nothing that is done under this key stays.
   *
   * @param about what the saga says of it, beyond its keys
   * @throws KeyReused (final) when the key stands for another call
   */
  markUndone(key: string, about: About): Promise<Row>;
  /**
   * intent -> done, or declined; says `undone` when a compensation came in the meantime.
   *
   * @param options `orSweep`: whether the sweep is to take an undone one back, should whoever found it not get that far; the saga's
   * own undoing does without, for it is repeated until somebody decides
   */
  answered(row: Row, answer: Answer, options: { orSweep: boolean }): Promise<Row>;
  /** done -> undone. @param said what `undo` returned */
  takenBack(row: Row, said: Undone): Promise<void>;
  /** Nothing of this attempt is on its way any more. Those before it may be, and keep their time. */
  endAttempt(attempt: Attempt): Promise<void>;
  /** Undone rows of which something may still come, and whose time to ask again is there; kept from other sweeps for a while. */
  takeUnsettled(limit: number): Promise<readonly Unsettled<Row>[]>;
  /** Asks again after `ms`, or never: then the row is settled. */
  sweepAgainAfter(key: string, ms: number | undefined): Promise<void>;
}

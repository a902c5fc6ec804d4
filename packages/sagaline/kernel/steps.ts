import type { Resolution, StepKind } from '../contracts/saga.ts';
import type { Control } from './control.ts';
import type { Duration } from './duration.ts';
import { SagaAborted } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Parking } from './parking.ts';
import type { UndoStack } from './rollback.ts';
import { StepFailed, type StepRunner } from './step-runner.ts';

/** What is said of any step. */
export interface StepOptions<T> {
  /** One line for the Temporal UI; no personal data. */
  readonly summary?: string;
  /**
   * How long a participant may take for a call of the action, attempts and the pauses between them together, ms or
   * ms-formatted; 10 minutes unless told. Our own outages do not count.
   */
  readonly within?: Duration;
  /** The work. `key` is its idempotency key: the same for every attempt, run and reset (kernel rule 7). */
  readonly action: (key: string) => Promise<T>;
}

/** What an undo is told. Without a `result` the action failed, ran out of time or was stopped: it may have happened. */
export interface UndoContext<T> {
  readonly actionKey: string;
  /** Idempotency key of the undo itself. */
  readonly key: string;
  readonly result?: T;
}

/** What is said of a step that can be undone. */
export interface CompensatableOptions<T> extends StepOptions<T> {
  /** Undoes the action; idempotent, and succeeds when there is nothing to undo. */
  readonly compensation: (undo: UndoContext<T>) => Promise<unknown>;
}

/** What is said of a step that the saga can do without. */
export type OptionalOptions<T> = StepOptions<T> & Partial<Pick<CompensatableOptions<T>, 'compensation'>>;

const DEFAULT_WITHIN = '10 minutes';

interface StepsDeps {
  readonly workflowId: string;
  readonly control: Control;
  readonly journal: Journal;
  readonly parking: Parking;
  readonly runner: StepRunner;
  readonly undoStack: UndoStack;
  /** How long a retriable step is retried before it parks. */
  readonly patience: Duration;
}

/** The four kinds of step, as an author calls them on `saga`. */
export function createSteps({ workflowId, control, journal, parking, runner, undoStack, patience }: StepsDeps) {
  const keyOf = (name: string) => `${workflowId}/${name}`;

  async function act<T>(name: string, kind: StepKind, options: StepOptions<T>, within: Duration): Promise<T> {
    const summary = options.summary ? `${name}: ${options.summary}` : name;
    const result = await runner.round({ name, kind, summary, within, code: () => options.action(keyOf(name)) });
    journal.settled(name, { state: 'done' });
    return result;
  }

  /** Registers the compensation before the action runs: an action whose reply is lost may have happened (kernel rule 1). */
  async function undoable<T>(name: string, kind: StepKind, options: OptionalOptions<T>): Promise<T> {
    const { compensation } = options;
    const known: { result?: T } = {};
    if (compensation) {
      undoStack.push({
        step: name,
        undo: () => compensation({ actionKey: keyOf(name), key: `${keyOf(name)}/undo`, ...known }),
      });
    }
    const result = await act(name, kind, options, options.within ?? DEFAULT_WITHIN);
    known.result = result;
    return result;
  }

  /** Turns the saga around for a failed step, and gives the author's code what the participant threw. */
  function failed(name: string, { failure, failureCause }: StepFailed): never {
    journal.settled(name, { state: 'failed', failure });
    control.abort({ kind: 'failure', reason: failure, step: name });
    throw failureCause;
  }

  /** Retries until the step succeeds or an operator ends it; undefined then, for nobody knows the result. */
  async function stubborn<T>(
    name: string,
    kind: 'pivot' | 'retriable',
    options: StepOptions<T>,
  ): Promise<T | undefined> {
    const within = options.within ?? (kind === 'pivot' ? DEFAULT_WITHIN : patience);
    for (;;) {
      try {
        return await act(name, kind, options, within);
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        // A pivot out of its time may have happened, and has no undo: neither going on nor turning back is safe to assume.
        if (kind === 'pivot' && error.failure !== 'StepTimedOut') failed(name, error);
        journal.settled(name, { state: 'parked', failure: error.failure });
      }
      const resolution = await parking.park(name);
      if (resolution.action !== 'retry') return resolved(name, kind, resolution);
      journal.settled(name, { state: 'open' });
    }
  }

  function resolved(name: string, kind: StepKind, resolution: Exclude<Resolution, { action: 'retry' }>): undefined {
    if (resolution.action === 'done') {
      journal.settled(name, { state: 'done', note: resolution.evidence });
      return undefined;
    }
    journal.settled(name, { state: 'skipped', note: resolution.reason });
    if (kind !== 'pivot') return undefined;
    // Skipping a pivot says that it did not happen: the way back is open again.
    control.abort({ kind: 'failure', reason: 'PivotSkipped', step: name });
    throw new SagaAborted(name);
  }

  return {
    /** A step that can be undone; its final failure rolls the saga back. */
    compensatable<T>(name: string, options: CompensatableOptions<T>): Promise<T> {
      return runner.open(name, 'compensatable', async () => {
        try {
          return await undoable(name, 'compensatable', options);
        } catch (error) {
          if (error instanceof StepFailed) failed(name, error);
          throw error;
        }
      });
    },

    /** The point of no return: runs alone, cannot be cancelled; after it nothing rolls back. Remote participants only. */
    pivot<T>(name: string, options: StepOptions<T>): Promise<T | undefined> {
      return runner.open(name, 'pivot', async () => {
        control.enter('pivoting');
        const result = await stubborn(name, 'pivot', options);
        control.enter('pivoted');
        return result;
      });
    },

    /** A step after the pivot: retried until it succeeds, or parks and waits for an operator. */
    retriable<T>(name: string, options: StepOptions<T>): Promise<T | undefined> {
      return runner.open(name, 'retriable', () => stubborn(name, 'retriable', options));
    },

    /** A step the saga can do without: undefined when it fails. With a compensation it is undone like the others. */
    optional<T>(name: string, options: OptionalOptions<T>): Promise<T | undefined> {
      return runner.open(name, 'optional', async () => {
        try {
          return await undoable(name, 'optional', options);
        } catch (error) {
          if (!(error instanceof StepFailed)) throw error;
          journal.settled(name, { state: 'failed', failure: error.failure });
          return undefined;
        }
      });
    },
  };
}

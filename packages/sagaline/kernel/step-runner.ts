import { CancellationScope } from '@temporalio/workflow';
import type { StepKind } from '../contracts/saga.ts';
import type { Control } from './control.ts';
import { msOf, type Duration } from './duration.ts';
import { failureType, ProgrammingError, SagaAborted } from './errors.ts';
import type { Journal } from './journal.ts';
import type { KernelRules } from './kernel-versions.ts';
import { inStep, type StepClock } from './step-context.ts';

/** A participant's final failure, by its type: what a round of a step ends with when it does not succeed. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly failure: string;
  readonly failureCause: unknown;
  constructor(failure: string, failureCause: unknown) {
    super(failure);
    this.failure = failure;
    this.failureCause = failureCause;
  }
}

interface Round<T> {
  readonly name: string;
  readonly kind: StepKind | 'compensation';
  readonly summary: string;
  readonly within: Duration;
  readonly code: () => Promise<T>;
}

export type StepRunner = ReturnType<typeof createStepRunner>;

/** Opens steps, runs their code, and keeps count of every open one, also under the author's own Promise.all (kernel rule 10). */
export function createStepRunner(control: Control, journal: Journal, rules: KernelRules) {
  const open = new Set<Promise<void>>();

  function refuseWhereWrong(name: string, kind: StepKind): void {
    // Keys and activity ids are made of it: with a slash or a dot, those of two steps could be equal.
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) {
      throw new ProgrammingError(`step ${name}: a step's name is 1 to 64 letters, digits, hyphens or underscores`);
    }
    if (control.phase === 'claiming' || control.phase === 'completed') {
      throw new ProgrammingError(`step ${name} was opened after the saga had returned: await it`);
    }
    const pivoted = control.phase === 'pivoted';
    if (control.phase === 'pivoting' || (kind === 'pivot' && open.size > 0)) {
      throw new ProgrammingError(
        `step ${name}: a pivot runs alone; await what comes before it, and it before what comes after`,
      );
    }
    if (pivoted && (kind === 'compensatable' || kind === 'pivot')) {
      throw new ProgrammingError(
        `step ${name} is ${kind}, but the pivot is past and nothing rolls back any more: make it retriable or optional`,
      );
    }
    if (!pivoted && kind === 'retriable') {
      throw new ProgrammingError(
        `step ${name} is retriable, but there was no pivot: what can still be aborted is compensatable or optional`,
      );
    }
  }

  function admit(name: string, kind: StepKind): void {
    if (control.phase === 'rollingBack') throw new SagaAborted(name);
    try {
      refuseWhereWrong(name, kind);
      journal.opened(name, kind);
    } catch (error) {
      control.reportBug(error);
      throw error;
    }
  }

  return {
    /** Opens a step now, and tracks `life` until it settles. */
    open<T>(name: string, kind: StepKind, life: () => Promise<T>): Promise<T> {
      const promise = (async () => {
        admit(name, kind);
        return life();
      })();
      const settled: Promise<void> = promise.then(
        () => void open.delete(settled),
        // A step that nobody awaits still counts: its failure has reached the kernel.
        () => void open.delete(settled),
      );
      open.add(settled);
      return promise;
    },

    /**
     * Runs a step's code once, with its time and its name for the participants it calls.
     *
     * @throws StepFailed for a participant's final failure or a step out of its time; anything else is a bug
     */
    async round<T>({ name, kind, summary, within, code }: Round<T>): Promise<T> {
      // In the forward scope wherever its author opened it, for an abort must reach it; a pivot and an undo are out of reach.
      const scope = new CancellationScope(
        kind === 'compensation' ? { cancellable: false } : { cancellable: kind !== 'pivot', parent: control.forward },
      );
      const failed = (failure: string) => journal.tryingAgain(name, failure);
      try {
        return await scope.run(() =>
          inStep({ name, kind, summary, time: clockOf(msOf(within), rules), failed, calls: 0 }, code),
        );
      } catch (error) {
        const failure = failureType(error);
        if (failure !== undefined) throw new StepFailed(failure, error);
        control.reportBug(error);
        throw error;
      }
    },

    /** Resolves when no step is open, however many are opened meanwhile. */
    async settled(): Promise<void> {
      while (open.size > 0) await Promise.all(open);
    },
  };
}

function clockOf(withinMs: number, { outagesAreFree }: KernelRules): StepClock {
  return outagesAreFree ? { keptBy: 'account', withinMs } : { keptBy: 'clock', endsAt: Date.now() + withinMs };
}

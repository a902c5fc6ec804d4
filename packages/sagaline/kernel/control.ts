import { CancellationScope, Trigger } from '@temporalio/workflow';
import type { AbortCause } from '../contracts/saga.ts';

/**
 * Where a saga is on its way, and who may turn it around.
 *
 * `forward` can be aborted. `pivoting` and `claiming` are in between: what arrives is held until they settle. From
 * `pivoted` on nothing rolls back (kernel rule 6), except that the final claim may find another winner stored (kernel rule 3).
 */
export type Phase = 'forward' | 'pivoting' | 'pivoted' | 'claiming' | 'completed' | 'rollingBack';

export type Control = ReturnType<typeof createControl>;

export function createControl() {
  let phase: Phase = 'forward';
  let cause: AbortCause | undefined;
  const aborted = new Trigger<void>();
  const bug = new Trigger<never>();
  // Nobody waits for it any more once the saga has turned around.
  bug.then(undefined, () => undefined);

  /** Everything an abort stops: the author's code, its timers, and every step that can be undone. */
  const forward = new CancellationScope({ cancellable: true });
  /** The deadline's own, because it stops earlier: at the pivot. */
  const clock = new CancellationScope({ cancellable: true, parent: forward });

  return {
    forward,
    clock,
    /** Resolves when the saga turns around. */
    aborted: aborted as PromiseLike<void>,
    /** Rejects when the saga's code has a bug, even one that its author's try/catch would hide. */
    bug: bug as PromiseLike<never>,
    get phase(): Phase {
      return phase;
    },
    get cause(): AbortCause | undefined {
      return cause;
    },
    enter(next: Phase): void {
      if (next === 'pivoting') clock.cancel();
      phase = next;
    },
    /** Turns the saga around; the first cause stands. */
    abort(why: AbortCause): void {
      if (phase === 'rollingBack' || phase === 'completed') return;
      phase = 'rollingBack';
      cause = why;
      forward.cancel();
      aborted.resolve();
    },
    reportBug(error: unknown): void {
      bug.reject(error instanceof Error ? error : new Error(String(error)));
    },
  };
}

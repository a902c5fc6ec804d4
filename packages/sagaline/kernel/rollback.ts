import type { Duration } from './duration.ts';
import type { Journal } from './journal.ts';
import type { Parking } from './parking.ts';
import { StepFailed, type StepRunner } from './step-runner.ts';

/** Compensations in the order in which their steps were opened. */
export type UndoStack = { readonly step: string; readonly undo: () => Promise<unknown> }[];

/** What a rollback came to; goes into the outcome. */
export interface Undone {
  readonly compensated: string[];
  readonly skipped: { step: string; reason: string }[];
}

interface RollbackDeps {
  readonly journal: Journal;
  readonly parking: Parking;
  readonly runner: StepRunner;
  /** How long a compensation is retried before it parks. */
  readonly patience: Duration;
  /** Resolves when what was reported of parked steps is written. */
  readonly reported: () => Promise<void>;
}

/**
 * Undoes every registered step, last first, out of reach of any cancel. A compensation that stays refused parks and waits
 * for an operator while the others go on; this returns when all are resolved (kernel rule 4).
 */
export async function rollBack(
  undoStack: UndoStack,
  { journal, parking, runner, patience, reported }: RollbackDeps,
): Promise<Undone> {
  const compensated: string[] = [];
  const skipped: { step: string; reason: string }[] = [];
  const parkedOnes: Promise<void>[] = [];

  /** One round of a compensation; false when it stays refused. */
  async function succeeds({ step, undo }: UndoStack[number]): Promise<boolean> {
    journal.compensation(step, { state: 'open' });
    try {
      await runner.round({
        name: `${step}.compensation`,
        kind: 'compensation',
        summary: `undo ${step}`,
        within: patience,
        code: undo,
      });
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      journal.compensation(step, { state: 'parked', failure: error.failure });
      return false;
    }
    journal.compensation(step, { state: 'done' });
    compensated.push(step);
    return true;
  }

  async function untilResolved(entry: UndoStack[number]): Promise<void> {
    const { step } = entry;
    for (;;) {
      const resolution = await parking.park(step);
      if (resolution.action === 'skip') {
        journal.compensation(step, { state: 'skipped', note: resolution.reason });
        skipped.push({ step, reason: resolution.reason });
        return;
      }
      if (resolution.action === 'done') {
        journal.compensation(step, { state: 'done', note: resolution.evidence });
        compensated.push(step);
        return;
      }
      if (await succeeds(entry)) return;
    }
  }

  for (const entry of undoStack.toReversed()) {
    if (!(await succeeds(entry))) parkedOnes.push(untilResolved(entry));
  }
  await Promise.all(parkedOnes);
  await reported();
  return { compensated, skipped };
}

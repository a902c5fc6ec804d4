import { CancellationScope } from '@temporalio/workflow';
import type { OutcomeEvent, SagaRef, Winner } from '../contracts/participants.ts';
import type { AbortCause } from '../contracts/saga.ts';
import type { Journal } from './journal.ts';
import { outcomes } from './participants.ts';

/**
 * Claims and reports on the saga row. Nothing here gives up: an outage of the database must not turn into a refund
 * (kernel rule 8). Every call is idempotent, so that it may run again when the server discards a local activity's marker.
 */
export type OutcomeClaims = ReturnType<typeof createOutcomeClaims>;

export function createOutcomeClaims(saga: SagaRef, journal: Journal) {
  /** Reports in the order in which they were made: each carries the whole list, so a late one would be a wrong one. */
  let reports: Promise<void> = Promise.resolve();

  /**
   * Handlers of signals and updates make reports, too, and run in Temporal's root scope, which Temporal's own cancel cancels:
   * a report must not be made there, or it, and every one after it, fails for ever.
   */
  function later(report: () => Promise<void>): void {
    reports = reports.then(() => CancellationScope.nonCancellable(report));
  }

  return {
    complete(outcome: OutcomeEvent): Promise<Winner> {
      return outcomes.complete({ saga, outcome, journey: journal.journey() });
    },
    beginRollback(cause: AbortCause): Promise<Winner> {
      return outcomes.beginRollback({ saga, cause });
    },
    finishRollback(state: 'rejected' | 'cancelled', outcome: OutcomeEvent): Promise<Winner> {
      return outcomes.finishRollback({ saga, state, outcome, journey: journal.journey() });
    },
    reportParked(): void {
      later(() => {
        const journey = journal.journey();
        return outcomes.reportParked({ saga, parked: journey.parked, journey });
      });
    },
    refuseCancel(requestId: string, answer: OutcomeEvent): void {
      later(() => outcomes.refuseCancel({ saga, requestId, answer }));
    },
    /** Resolves when every report made so far is written. */
    async flush(): Promise<void> {
      let last;
      do {
        last = reports;
        await last;
      } while (last !== reports);
    },
  };
}

import { ApplicationFailure, defineUpdate, setHandler, Trigger } from '@temporalio/workflow';
import { RESOLVE_UPDATE, type Resolution, type Resolved } from '../contracts/saga.ts';
import type { Journal } from './journal.ts';
import type { OutcomeLog } from './outcome.ts';

const resolveUpdate = defineUpdate<Resolved, [step: string, resolution: Resolution]>(RESOLVE_UPDATE);

/** Steps that wait for an operator (kernel rule 4). */
export type Parking = ReturnType<typeof createParking>;

export function createParking(journal: Journal, outcome: OutcomeLog) {
  const waiting = new Map<string, Trigger<Resolution>>();

  function waitingFor(step: string): Trigger<Resolution> {
    const trigger = waiting.get(step);
    if (!trigger) throw ApplicationFailure.nonRetryable(`step ${step} is not parked`, 'StepNotParked');
    return trigger;
  }

  setHandler(
    resolveUpdate,
    (step: string, resolution: Resolution): Resolved => {
      const trigger = waitingFor(step);
      waiting.delete(step);
      journal.unparked(step);
      outcome.reportParked();
      trigger.resolve(resolution);
      return { step, action: resolution.action, by: resolution.by };
    },
    {
      description: 'An operator resolves a parked step: retry, skip (with a reason) or done (with evidence).',
      // Refused before it is accepted, so that the second operator gets a clear no and the history stays clean.
      validator: (step: string, _resolution: Resolution) => void waitingFor(step),
    },
  );

  return {
    /** Parks a step and waits, without a bound, for what an operator says. */
    async park(step: string): Promise<Resolution> {
      const trigger = new Trigger<Resolution>();
      waiting.set(step, trigger);
      journal.parked(step);
      outcome.reportParked();
      return trigger;
    },
  };
}

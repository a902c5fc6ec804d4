import { ApplicationFailure, defineUpdate, setHandler, Trigger } from '@temporalio/workflow';
import { MAX_REASON } from '../contracts/limits.ts';
import { RESOLVE_UPDATE, type Resolution, type Resolved } from '../contracts/saga.ts';
import { isStorable, storableText } from '../contracts/text.ts';
import type { Journal } from './journal.ts';
import type { OutcomeClaims } from './outcome.ts';

const resolveUpdate = defineUpdate<Resolved, [step: string, resolution: Resolution]>(RESOLVE_UPDATE);

/** Steps that wait for an operator (kernel rule 4). */
export type Parking = ReturnType<typeof createParking>;

export function createParking(journal: Journal, outcome: OutcomeClaims) {
  const waiting = new Map<string, Trigger<Resolution>>();

  function waitingFor(step: string): Trigger<Resolution> {
    const trigger = waiting.get(step);
    if (!trigger)
      throw ApplicationFailure.nonRetryable(`step ${storableText(step, MAX_REASON)} is not parked`, 'StepNotParked');
    return trigger;
  }

  setHandler(
    resolveUpdate,
    (step: string, said: Resolution): Resolved => {
      const resolution = storableResolution(said);
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
      validator: (step: string, resolution: Resolution) => {
        waitingFor(step);
        const problem = problemOf(resolution);
        if (problem) throw ApplicationFailure.nonRetryable(problem, 'InvalidResolution');
      },
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

/** Updates come from command lines too, and what was accepted stays in the history: a wrong one would hold the saga for ever. */
function problemOf(resolution: Partial<Record<string, unknown>> | null | undefined): string | undefined {
  const { action, by, reason, evidence } = resolution ?? {};
  if (!isText(by)) return `by must say who decides, in ${BOUNDS}`;
  if (action === 'retry') return undefined;
  if (action === 'skip') return isText(reason) ? undefined : `skip needs a reason of ${BOUNDS}`;
  if (action === 'done') return isText(evidence) ? undefined : `done needs evidence of ${BOUNDS}`;
  return 'action must be retry, skip or done';
}

const BOUNDS = `1 to ${MAX_REASON} characters, without U+0000 and without half a surrogate pair`;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= MAX_REASON && isStorable(value);
}

/** An earlier validator took texts that no store takes, and what it took is in histories for ever. */
function storableResolution(said: Resolution): Resolution {
  const by = storableText(said.by, MAX_REASON);
  if (said.action === 'skip') return { ...said, by, reason: storableText(said.reason, MAX_REASON) };
  if (said.action === 'done') return { ...said, by, evidence: storableText(said.evidence, MAX_REASON) };
  return { ...said, by };
}

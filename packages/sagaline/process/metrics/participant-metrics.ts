/** What participants' calls come to, for Prometheus: how often, how long, and what they failed of. */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Counter as MakeCounter } from '../../participants/tools.ts';
import type { ParticipantObserver } from '../../participants/observer.ts';
import { faultOf } from '../../ground/fault.ts';

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/**
 * - `ok`
 * - `refused`: a final failure, on which a saga turns around
 * - `failed`: a failure of the participant's that is tried again
 * - `outage`: our own database did not do its part; nothing is wrong with the participant
 * - `cancelled`: nobody wanted the answer any more
 */
export type CallOutcome = 'ok' | 'refused' | 'failed' | 'outage' | 'cancelled';

/** @param error what the call threw; undefined when it did not */
export function callOutcomeOf(error: unknown): CallOutcome {
  if (error === undefined) return 'ok';
  if (error instanceof CancelledFailure) return 'cancelled';
  if (error instanceof ApplicationFailure) return error.nonRetryable ? 'refused' : 'failed';
  return faultOf(error) === 'outage' ? 'outage' : 'failed';
}

export function participantObserver(registers: Registry[]): ParticipantObserver {
  const duration = new Histogram({
    name: 'sagaline_participant_duration_seconds',
    help: 'Time of one attempt at a call of a participant, by how it ended: ok, refused, failed, outage, cancelled',
    labelNames: ['participant', 'method', 'outcome'],
    buckets: SECONDS,
    registers,
  });
  const failures = new Counter({
    name: 'sagaline_participant_failures_total',
    help: 'Attempts that did not succeed, by the type of their failure',
    labelNames: ['participant', 'method', 'failure'],
    registers,
  });
  return {
    ended({ participant, method, ms, error }) {
      duration.observe({ participant, method, outcome: callOutcomeOf(error) }, ms / 1000);
      if (error !== undefined) failures.inc({ participant, method, failure: typeOf(error) });
    },
  };
}

/** Types of ours and class names: a bounded set. */
function typeOf(error: unknown): string {
  if (error instanceof ApplicationFailure && error.type) return error.type;
  return error instanceof Error ? error.name : 'unknown';
}

/** Counters that participants have of their own. Whoever asks for one by a name that is known gets the same one. */
export const participantCounter = (registers: Registry[]): MakeCounter => {
  const known = new Map<string, { readonly counter: Counter; readonly labels: string }>();
  return ({ labels, ...options }) => {
    const named = [...labels].sort().join(', ');
    const made = known.get(options.name) ?? {
      counter: new Counter<string>({ ...options, labelNames: labels, registers }),
      labels: named,
    };
    if (made.labels !== named) {
      throw new TypeError(`the counter ${options.name} has the labels ${made.labels}, and not ${named}`);
    }
    known.set(options.name, made);
    return (values) => made.counter.inc(values);
  };
};

/**
 * A call that is not given up because of what is nobody's fault but ours: what Temporal ends without an answer of the
 * participant is begun anew, until the step's time is up. Kernel 2; before, Temporal's own timers ended a step.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import { StepTimedOut } from '../contracts/failures.ts';
import { OWN_OUTAGE } from '../contracts/step-time.ts';

interface Persistence {
  /** Activity type, for the failure. */
  readonly activity: string;
  /** One line for the Temporal UI, shown on the timers of pauses. */
  readonly summary: string;
  readonly withinMs: number;
  /** Called when a round ended without an answer, with the failure's type. */
  readonly failed?: (failure: string) => void;
}

/** Pauses between rounds, in ms. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Calls until there is an answer: a result, or a final failure.
 *
 * @throws StepTimedOut when rounds that are not ours to answer for took the step's time; CancelledFailure when it is aborted
 */
export async function persist<T>(call: () => Promise<T>, { activity, summary, withinMs, failed }: Persistence) {
  let used = 0;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure(`${activity} was stopped`);
    const begun = Date.now();
    try {
      return await call();
    } catch (error) {
      const failure = unanswered(error);
      if (failure === undefined) throw error;
      failed?.(failure);
      if (failure !== OWN_OUTAGE) used += Date.now() - begun + pause;
      if (used >= withinMs) throw new StepTimedOut(activity, withinMs);
    }
    await sleep(pause, { summary: `${summary}: tried again` });
  }
}

/** Type of the failure that a participant's last word was not; undefined for an answer, and for what the saga itself stopped. */
function unanswered(error: unknown): string | undefined {
  // A local activity's failure comes bare.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return cause.nonRetryable ? undefined : (cause.type ?? 'Error');
  // An attempt that hangs, and has no more to wait for than our own database.
  return cause instanceof TimeoutFailure ? OWN_OUTAGE : undefined;
}

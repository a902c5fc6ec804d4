/**
 * Keeps the account of a step's time, where its attempts run (docs/adr/0009-whose-time.md): the time of attempts that the
 * participant fails, and the pauses after them, is the step's; that of attempts that fail because of us is nobody's.
 *
 * Also tells the server every second that an attempt is alive, so that a dead worker is noticed in seconds, and an attempt
 * that hangs at its participant ends here before the server ends it without a word.
 */
import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { StepTimedOut } from '../contracts/failures.ts';
import { OWN_OUTAGE, REMOTE_RETRY, type StepTime, type TimeUsed } from '../contracts/step-time.ts';
import { isOurOutage, withOwnTime, type OwnTime } from './own-time.ts';
import { tellable } from './tellable.ts';

export interface StepTimeOptions {
  /** Whether a failure is an outage of ours. */
  readonly isOurs?: (error: unknown) => boolean;
}

/** Attempts shorter than this tell nobody that they live: most of them. */
const HEARTBEAT_MS = 1_000;
/** How long before the server ends an attempt it is ended here, with a reason. */
const MARGIN_MS = 1_000;

/** An attempt hangs: its participant has not answered within its time. */
class NoAnswer extends ApplicationFailure {
  constructor(activity: string, ms: number) {
    super(`${activity} had no answer within ${Math.round(ms)} ms`, 'NoAnswer', false);
  }
}

/** Makes the interceptor of every attempt at an activity. */
export function stepTimeInterceptor({ isOurs = isOurOutage }: StepTimeOptions = {}): ActivityInterceptorsFactory {
  return (context) => {
    const execute: ActivityInboundCallsInterceptor['execute'] = async (input, next) => {
      const [request, time] = input.args;
      if (!isStepTime(time))
        return told(
          () => next(input),
          () => false,
        );
      const attempt = () => next({ ...input, args: [request] });
      return context.info.isLocal ? told(attempt, isOurs) : accounted(context, time, attempt, isOurs);
    };
    return { inbound: { execute } };
  };
}

type Attempt = () => Promise<unknown>;
type IsOurs = (error: unknown) => boolean;

/** A local activity's account is the kernel's, which only has to know whose failure it is. */
async function told(attempt: Attempt, isOurs: IsOurs): Promise<unknown> {
  try {
    return await attempt();
  } catch (error) {
    throw tellable(isOurs(error) ? ourOutage(error) : error);
  }
}

async function accounted(context: Context, time: StepTime, attempt: Attempt, isOurs: IsOurs): Promise<unknown> {
  const { info } = context;
  const account = openAccount(context);
  const heart = setInterval(() => context.heartbeat(account.used()), HEARTBEAT_MS);
  try {
    return await withOwnTime(async (own) => {
      const begun = Date.now();
      const participantMs = () => Date.now() - begun - own.ms();
      const boundMs = Math.max(1, Math.min(time.withinMs - account.usedMs, info.startToCloseTimeoutMs - MARGIN_MS));
      try {
        return await within(boundMs, info.activityType, attempt(), own, participantMs);
      } catch (error) {
        if (isLastWord(error, context)) throw error;
        if (isOurs(error)) {
          account.end(0);
          throw ourOutage(error);
        }
        const pauseMs = pauseAfter(error, info.attempt);
        account.end(participantMs() + pauseMs);
        if (account.usedMs >= time.withinMs) throw new StepTimedOut(info.activityType, time.withinMs);
        throw withPause(error, pauseMs);
      }
    });
  } catch (error) {
    throw tellable(error);
  } finally {
    clearInterval(heart);
  }
}

/** Final failures, and attempts that are stopped: there is no next attempt to keep an account for. */
function isLastWord(error: unknown, { cancellationSignal }: Context): boolean {
  if (error instanceof CancelledFailure) return cancellationSignal.aborted;
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}

/** What attempts before this one used up, and what this one adds. */
function openAccount(context: Context) {
  const { attempt, startToCloseTimeoutMs } = context.info;
  const heartbeatDetails: unknown = context.info.heartbeatDetails;
  const before = isTimeUsed(heartbeatDetails) ? heartbeatDetails : { usedMs: 0, ended: 0, graceMs: 0 };
  // The one before this died. What it had claimed stays claimed for as long as it might have lived.
  const died = before.ended < attempt - 1;
  let { usedMs } = before;
  let graceMs = died ? startToCloseTimeoutMs : before.graceMs;

  const used = (ended: number): TimeUsed => ({ usedMs, graceMs, ended });
  return {
    get usedMs() {
      return usedMs;
    },
    /** To be said while it runs: should it die, it is not accounted for. */
    used: () => used(attempt - 1),
    /** Adds what it cost, and tells the next attempt. */
    end(costMs: number): void {
      const free = Math.min(graceMs, costMs);
      graceMs -= free;
      usedMs += costMs - free;
      context.heartbeat(used(attempt));
    },
  };
}

/** Rejects when the participant has taken `boundMs`; waiting for our own database does not count. */
async function within(
  boundMs: number,
  activity: string,
  attempt: Promise<unknown>,
  own: OwnTime,
  participantMs: () => number,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<never>((_, reject) => {
    const look = () => {
      const left = boundMs - participantMs();
      if (left <= 0 && !own.waiting()) reject(new NoAnswer(activity, boundMs));
      else timer = setTimeout(look, Math.max(left, SHORTEST_LOOK_MS));
    };
    look();
  });
  try {
    return await Promise.race([attempt, hangs]);
  } finally {
    clearTimeout(timer);
  }
}

const SHORTEST_LOOK_MS = 20;

/** How long Temporal waits before the next attempt, in ms: as the failure says, or as the kernel's policy does. */
function pauseAfter(error: unknown, attempt: number): number {
  const said: unknown = error instanceof ApplicationFailure ? error.nextRetryDelay : undefined;
  // 0 means to Temporal that there is no next attempt.
  if (typeof said === 'number' || typeof said === 'string') return Math.max(1, msToNumber(said));
  const { initialInterval, backoffCoefficient, maximumInterval } = REMOTE_RETRY;
  return Math.min(maximumInterval, initialInterval * backoffCoefficient ** (attempt - 1));
}

function withPause(error: unknown, pauseMs: number): unknown {
  const asksForNone =
    error instanceof ApplicationFailure && (error.nextRetryDelay as unknown) !== undefined && pauseMs <= 1;
  if (!asksForNone) return error;
  return ApplicationFailure.fromError(error, { nextRetryDelay: pauseMs });
}

function ourOutage(error: unknown): ApplicationFailure {
  const message = error instanceof Error ? error.message : String(error);
  return ApplicationFailure.retryable(message, OWN_OUTAGE);
}

function isStepTime(value: unknown): value is StepTime {
  return typeof value === 'object' && value !== null && typeof (value as Partial<StepTime>).withinMs === 'number';
}

function isTimeUsed(value: unknown): value is TimeUsed {
  const { usedMs, ended, graceMs } = (value ?? {}) as Partial<TimeUsed>;
  return [usedMs, ended, graceMs].every((one) => typeof one === 'number' && Number.isFinite(one) && one >= 0);
}

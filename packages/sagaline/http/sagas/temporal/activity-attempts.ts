import type { temporal } from '@temporalio/proto';
import { z } from 'zod';
import type { ActivityAttempts, Retrying } from '../../ports.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;
type Failure = temporal.api.failure.v1.IFailure;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the SDK's core writes into the marker of a local activity that ended, or that backs off by a timer. */
const LocalActivity = z.object({ activity_type: z.string(), attempt: z.number().int(), backoff: z.unknown() });

/**
 * How often each activity was tried, over all rounds of its step. A history tells of an attempt only when the last one has
 * ended; for those still at it the server's list of pending activities has the current attempt; local activities leave
 * markers.
 */
export function activityAttempts(
  events: readonly HistoryEvent[],
  pending: readonly PendingActivity[],
): ActivityAttempts[] {
  return summed([...remoteRuns(events, pending), ...localRuns(events)]);
}

/** One entry for each time that an activity was scheduled. */
function remoteRuns(events: readonly HistoryEvent[], pending: readonly PendingActivity[]): ActivityAttempts[] {
  const runs = new Map<string, Mutable<ActivityAttempts>>();
  for (const event of events) {
    const { activityTaskScheduledEventAttributes: plan, activityTaskStartedEventAttributes: start } = event;
    if (plan?.activityId) {
      const { activityId, activityType } = plan;
      runs.set(String(event.eventId), { activityId, type: activityType?.name ?? '', attempts: 0, local: false });
    }
    const run = start && runs.get(String(start.scheduledEventId));
    if (run) run.attempts = start.attempt ?? 1;
  }
  const all = [...runs.values()];
  for (const one of pending) {
    const run = all.findLast(({ activityId }) => activityId === one.activityId);
    if (!run) continue;
    run.attempts = one.attempt ?? 1;
    const retrying = retryingOf(one);
    if (retrying) run.retrying = retrying;
  }
  return all;
}

function retryingOf({ lastFailure, nextAttemptScheduleTime }: PendingActivity): Retrying | undefined {
  if (!lastFailure) return undefined;
  const failure = failureType(lastFailure);
  const { seconds, nanos } = nextAttemptScheduleTime ?? {};
  const at = seconds == null ? undefined : new Date(Number(seconds) * 1000 + Math.floor((nanos ?? 0) / 1e6));
  return { failure, ...(at && at.getTime() > Date.now() ? { nextAttemptAt: at.toISOString() } : {}) };
}

/** A participant's failure has its own type; one that Temporal saw is called by what it saw. */
function failureType({ applicationFailureInfo, timeoutFailureInfo, canceledFailureInfo }: Failure): string {
  if (applicationFailureInfo?.type) return applicationFailureInfo.type;
  if (timeoutFailureInfo) return 'TimedOut';
  return canceledFailureInfo ? 'Cancelled' : 'Error';
}

/** A marker that ends in a backoff is continued by the next one, which goes on counting. */
function localRuns(events: readonly HistoryEvent[]): ActivityAttempts[] {
  const ended: ActivityAttempts[] = [];
  const backingOff = new Map<string, ActivityAttempts>();
  for (const event of events) {
    const marker = localActivityOf(event);
    if (!marker) continue;
    const { backsOff, ...run } = marker;
    const id = `${run.activityId} ${run.type}`;
    backingOff.delete(id);
    if (backsOff) backingOff.set(id, run);
    else ended.push(run);
  }
  return [...ended, ...backingOff.values()];
}

function localActivityOf(event: HistoryEvent): (ActivityAttempts & { backsOff: boolean }) | undefined {
  const marker = event.markerRecordedEventAttributes;
  if (marker?.markerName !== 'core_local_activity') return undefined;
  const parsed = LocalActivity.safeParse(parseJson(marker.details?.['data']?.payloads?.[0]?.data));
  const activityId = stepOfSummary(parseJson(event.userMetadata?.summary?.data));
  if (!parsed.success || activityId === undefined) return undefined;
  const { activity_type: type, attempt, backoff } = parsed.data;
  return { activityId, type, attempts: attempt, local: true, backsOff: backoff != null };
}

/** Local activities have numbers for ids; the kernel's summaries name the step: `payment: charge 1999 EUR`, `undo payment`. */
function stepOfSummary(summary: unknown): string | undefined {
  if (typeof summary !== 'string') return undefined;
  const undone = /^undo (.+)$/.exec(summary);
  return undone?.[1] ? `${undone[1]}.compensation` : summary.split(':', 1)[0];
}

function summed(runs: readonly ActivityAttempts[]): ActivityAttempts[] {
  const sums = new Map<string, Mutable<ActivityAttempts>>();
  for (const run of runs) {
    const id = `${run.activityId} ${run.type}`;
    const sum = sums.get(id);
    if (!sum) sums.set(id, { ...run });
    else {
      sum.attempts += run.attempts;
      if (run.retrying) sum.retrying = run.retrying;
    }
  }
  return [...sums.values()];
}

function parseJson(bytes: Uint8Array | null | undefined): unknown {
  try {
    return bytes ? (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

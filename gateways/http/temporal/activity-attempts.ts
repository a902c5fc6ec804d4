import type { temporal } from '@temporalio/proto';
import { z } from 'zod';
import type { ActivityAttempts } from '../ports.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** What the SDK writes into the marker of a local activity. */
const LocalActivityMarker = z.object({ activity_id: z.string(), activity_type: z.string(), attempt: z.number().int() });

/**
 * How often each activity was tried. A history tells of an attempt only when the last one has ended; for those still at it
 * the server's list of pending activities has the current attempt; local activities leave a marker when they end.
 */
export function activityAttempts(
  events: readonly HistoryEvent[],
  pending: readonly PendingActivity[],
): ActivityAttempts[] {
  const byId = new Map<string, ActivityAttempts>();
  const scheduled = new Map<string, { activityId: string; type: string }>();

  for (const event of events) {
    const { activityTaskScheduledEventAttributes: plan, activityTaskStartedEventAttributes: start } = event;
    if (plan?.activityId) {
      const activity = { activityId: plan.activityId, type: plan.activityType?.name ?? '' };
      scheduled.set(String(event.eventId), activity);
      byId.set(activity.activityId, { ...activity, attempts: 0, local: false });
    }
    const activity = start && scheduled.get(String(start.scheduledEventId));
    if (activity) byId.set(activity.activityId, { ...activity, attempts: start.attempt ?? 1, local: false });
    const local = localActivity(event);
    if (local) byId.set(local.activityId, local);
  }
  for (const { activityId, activityType, attempt } of pending) {
    if (activityId)
      byId.set(activityId, { activityId, type: activityType?.name ?? '', attempts: attempt ?? 1, local: false });
  }
  return [...byId.values()];
}

function localActivity({ markerRecordedEventAttributes: marker }: HistoryEvent): ActivityAttempts | undefined {
  if (marker?.markerName !== 'core_local_activity') return undefined;
  const data = marker.details?.['data']?.payloads?.[0]?.data;
  const parsed = LocalActivityMarker.safeParse(data ? parseJson(data) : undefined);
  if (!parsed.success) return undefined;
  const { activity_id: activityId, activity_type: type, attempt } = parsed.data;
  return { activityId, type, attempts: attempt, local: true };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

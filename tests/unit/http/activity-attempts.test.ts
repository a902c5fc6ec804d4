import { temporal } from '@temporalio/proto';
import { describe, expect, test } from 'vitest';
import { activityAttempts } from '../../../packages/sagaline/http/sagas/temporal/activity-attempts.ts';

const { HistoryEvent } = temporal.api.history.v1;
const json = (value: unknown) => ({ data: Buffer.from(JSON.stringify(value)) });

const scheduled = (eventId: number, activityId: string, type = 'payment.charge') =>
  HistoryEvent.fromObject({
    eventId,
    activityTaskScheduledEventAttributes: { activityId, activityType: { name: type } },
  });
const started = (eventId: number, scheduledEventId: number, attempt: number) =>
  HistoryEvent.fromObject({ eventId, activityTaskStartedEventAttributes: { scheduledEventId, attempt } });
const local = (summary: string, type: string, attempt: number, backoff: unknown = null) =>
  HistoryEvent.fromObject({
    userMetadata: { summary: json(summary) },
    markerRecordedEventAttributes: {
      markerName: 'core_local_activity',
      details: { data: { payloads: [json({ seq: 1, activity_id: '1', activity_type: type, attempt, backoff })] } },
    },
  });
const pending = (activityId: string, attempt: number) =>
  temporal.api.workflow.v1.PendingActivityInfo.fromObject({ activityId, attempt });

describe('activityAttempts', () => {
  test('reads the attempt with which an activity ended', () => {
    expect(activityAttempts([scheduled(5, 'payment'), started(6, 5, 3)], [])).toEqual([
      { activityId: 'payment', type: 'payment.charge', attempts: 3, local: false },
    ]);
  });

  test('asks the server for those still at it', () => {
    expect(activityAttempts([scheduled(5, 'payment')], [pending('payment', 7)])[0]?.attempts).toBe(7);
  });

  test('adds up the rounds of a step that parked', () => {
    const events = [scheduled(5, 'payment.compensation'), started(6, 5, 2), scheduled(9, 'payment.compensation')];
    expect(activityAttempts(events, [pending('payment.compensation', 4)])[0]?.attempts).toBe(6);
  });

  test('knows local activities by the step in their summary, forward and back', () => {
    const events = [local('analytics: fact', 'analytics.record', 1), local('undo analytics', 'analytics.reverse', 2)];
    expect(activityAttempts(events, [])).toEqual([
      { activityId: 'analytics', type: 'analytics.record', attempts: 1, local: true },
      { activityId: 'analytics.compensation', type: 'analytics.reverse', attempts: 2, local: true },
    ]);
  });

  test('counts on through the backoff of a local activity', () => {
    const events = [
      local('analytics', 'analytics.record', 6, { seconds: 3 }),
      local('analytics', 'analytics.record', 8),
    ];
    expect(activityAttempts(events, [])[0]?.attempts).toBe(8);
    expect(activityAttempts(events.slice(0, 1), [])[0]?.attempts).toBe(6);
  });
});

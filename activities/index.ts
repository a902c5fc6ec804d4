/** All participants, wired to what they need. */
import type { Database } from '../prisma/database.ts';
import type { Participants } from '../workflows/contracts/participants.ts';
import { createAnalytics } from './analytics/index.ts';
import type { Failpoint } from './failpoints.ts';
import { createNotification, type NotificationOptions } from './notification/index.ts';
import { createOutcomes } from './outcome/index.ts';
import { createPayment, type PaymentOptions } from './payment/index.ts';
import { createProfiles } from './profile/index.ts';
import { currentWorkflowId, type WorkflowId } from './workflow-id.ts';

export interface ParticipantDeps {
  readonly database: Database;
  readonly payment: PaymentOptions;
  readonly notification: NotificationOptions;
  readonly failpoint: Failpoint;
  /** Whose work it is, for the lineage of events; the current activity's workflow by default. */
  readonly workflowId?: WorkflowId;
}

/** Temporal's activity types: participant and method, as in `payment.charge`. */
export type Activities = UnionToIntersection<
  { [P in keyof Participants]: Prefixed<P, Participants[P]> }[keyof Participants]
>;
type Prefixed<P extends string, Methods> = { [M in keyof Methods & string as `${P}.${M}`]: Methods[M] };
type UnionToIntersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** What a worker registers. `close` ends the connections to carriers; the database is its opener's to close. */
export function createParticipants(deps: ParticipantDeps): { activities: Activities; close: () => void } {
  const { database, workflowId = currentWorkflowId } = deps;
  const notification = createNotification({ ...deps, workflowId });
  const activities = createActivities({
    payment: createPayment({ ...deps, workflowId }),
    notification: notification.activities,
    analytics: createAnalytics(database),
    profile: createProfiles(database),
    outcome: createOutcomes(database),
  });
  return { activities, close: () => notification.close() };
}

/** Participants as a flat record by activity type: a new participant, or a new method of one, needs no line here. */
export function createActivities(participants: Participants): Activities {
  const byType = Object.entries(participants).flatMap(([participant, methods]) =>
    Object.entries(methods as Record<string, unknown>).map(
      ([method, run]) => [`${participant}.${method}`, run] as const,
    ),
  );
  return Object.fromEntries(byType) as Activities;
}

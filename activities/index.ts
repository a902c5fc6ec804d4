/** All participants, wired to what they need. */
import type { Database } from '../prisma/database.ts';
import type { Participants } from '../workflows/contracts/participants.ts';
import { analyticsEffects, createAnalytics } from './analytics/index.ts';
import type { Failpoint } from './failpoints.ts';
import { createNotification, type NotificationOptions } from './notification/index.ts';
import { observed, type ParticipantObserver } from './observer.ts';
import { createOutcomes } from './outcome/index.ts';
import { createPayment, type PaymentOptions } from './payment/index.ts';
import type { Sweep } from './payment/sweep.ts';
import { createProfiles, profileEffects } from './profile/index.ts';
import { currentWorkflowId, type WorkflowId } from './workflow-id.ts';

export interface ParticipantDeps {
  readonly database: Database;
  readonly payment: PaymentOptions;
  readonly notification: NotificationOptions;
  readonly failpoint: Failpoint;
  /** Whose work it is, for the lineage of events; the current activity's workflow by default. */
  readonly workflowId?: WorkflowId;
  /** Told how every call of a participant ended. */
  readonly observer?: ParticipantObserver;
}

/** What local participants leave in our database, and a rollback must find: one line for each. */
const localEffects = [analyticsEffects, profileEffects];

/** Temporal's activity types: participant and method, as in `payment.charge`. */
export type Activities = UnionToIntersection<
  { [P in keyof Participants]: Prefixed<P, Participants[P]> }[keyof Participants]
>;
type Prefixed<P extends string, Methods> = { [M in keyof Methods & string as `${P}.${M}`]: Methods[M] };
type UnionToIntersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void
  ? All
  : never;

export interface ParticipantSet {
  /** What a worker registers. */
  readonly activities: Activities;
  /** To be run from time to time beside them, in any number of processes. */
  readonly sweepPayments: Sweep;
  /** Ends the connections to carriers; the database is its opener's to close. */
  readonly close: () => void;
}

export function createParticipants(deps: ParticipantDeps): ParticipantSet {
  const { database, workflowId = currentWorkflowId } = deps;
  const notification = createNotification({ ...deps, workflowId });
  const payment = createPayment({ ...deps, workflowId });
  const activities = createActivities(
    {
      payment: payment.activities,
      notification: notification.activities,
      analytics: createAnalytics({ ...deps, workflowId }),
      profile: createProfiles({ ...deps, workflowId }),
      outcome: createOutcomes(database, localEffects),
    },
    deps.observer,
  );
  return { activities, sweepPayments: payment.sweep, close: () => notification.close() };
}

/** Participants as a flat record by activity type: a new participant, or a new method of one, needs no line here. */
export function createActivities(participants: Participants, observer?: ParticipantObserver): Activities {
  const byType = Object.entries(participants).flatMap(([participant, methods]) =>
    Object.entries(methods as Record<string, (...input: never[]) => Promise<unknown>>).map(
      ([method, run]) =>
        [`${participant}.${method}`, observer ? observed({ participant, method }, run, observer) : run] as const,
    ),
  );
  return Object.fromEntries(byType) as Activities;
}

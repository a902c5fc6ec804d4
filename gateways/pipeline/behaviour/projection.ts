/** How users behave: sessions, active users, pages, the way from a look to a paid order, and what is bought together. */
import { fields } from 'sagaline';
import { defineProjection, only, type Projection } from 'sagaline/pipeline';
import { applyActivities } from './activities.ts';
import { applyCompleted, applyCreated } from './orders.ts';
import { tablesFor } from './tables.ts';
import { orderEvents } from '../../../workflows/events/order.ts';
import { userEvents } from '../../../workflows/events/user.ts';

export interface BehaviourSettings {
  /** A pause of a user that is longer ends the session, ms. */
  readonly sessionGapMs: number;
}

export const behaviour = defineProjection('behaviour', {
  env: { BEHAVIOUR_SESSION_GAP: fields.duration('1 second', '30 days').prefault('30 minutes') },
  create: ({ env }) => createBehaviour({ sessionGapMs: env.BEHAVIOUR_SESSION_GAP }),
});

export function createBehaviour({ sessionGapMs }: BehaviourSettings): Projection {
  return {
    name: 'behaviour',
    description: 'sessions, active users, pages, the funnel, and what is bought together',
    topics: ['user.activity', 'order.created', 'order.completed'],
    tables: tablesFor(sessionGapMs),
    async apply(tx, events) {
      const activities = only(events, userEvents['user.activity']);
      const created = only(events, orderEvents['order.created']);
      const completed = only(events, orderEvents['order.completed']);
      if (activities.length > 0) await applyActivities(tx, activities, sessionGapMs);
      if (created.length > 0) await applyCreated(tx, created);
      if (completed.length > 0) await applyCompleted(tx, completed);
    },
  };
}

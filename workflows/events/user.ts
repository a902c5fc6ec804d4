/** The events of a user: what starts the sign-up saga and what it hears, and how it ends. */
import { z } from 'zod';
import { defineEvents, event, Id, type PayloadOf, RolledBack, Timestamp } from 'sagaline/workflow';
import { Sku } from './order.ts';

export const userEvents = defineEvents({
  'user.created': event(
    'userId',
    z.object({
      userId: Id,
      email: z.email().max(254),
      name: z.string().min(1).max(200),
      locale: z.string().max(35).optional(),
    }),
  ),
  'user.activity': event(
    'userId',
    z.object({
      userId: Id,
      /** What the user did; the funnel knows `viewed` and `added`. */
      action: z.string().min(1).max(100),
      at: Timestamp.optional(),
      page: z.string().min(1).max(500).optional(),
      sku: Sku.optional(),
    }),
  ),
  'user.onboarded': event('userId', z.object({ userId: Id, followedUp: z.boolean() })),
  'user.onboarding-failed': event('userId', z.object({ userId: Id }).extend(RolledBack.shape)),
});

export type UserCreated = PayloadOf<(typeof userEvents)['user.created']>;

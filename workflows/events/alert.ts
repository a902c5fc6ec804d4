/** What is told of alerts. */
import { z } from 'zod';
import { defineEvents, event, Id, type PayloadOf, RolledBack, Timestamp } from 'sagaline/workflow';

export const alertEvents = defineEvents({
  // An alert, and not its service, is what it is about: two alerts of one service are two sagas.
  'alert.raised': event(
    'alertId',
    z.object({
      alertId: Id,
      service: Id,
      kind: z.enum(['error-burst']),
      /** What was counted within the window, and how much of it is too much. */
      count: z.int().positive(),
      threshold: z.int().positive(),
      windowMs: z.int().positive(),
      at: Timestamp,
    }),
    // A caller that could raise one could mail the operators.
    { internal: true },
  ),
  /** `channels`: how the operators were told; empty where the configuration names none. */
  'alert.notified': event(
    'alertId',
    z.object({ alertId: Id, service: Id, channels: z.array(z.enum(['email', 'sms'])) }),
  ),
  'alert.failed': event('alertId', z.object({ alertId: Id, service: Id }).extend(RolledBack.shape)),
});

export type AlertRaised = PayloadOf<(typeof alertEvents)['alert.raised']>;

/** What the notification participant tells: an event for each message, by channel. */
import { z } from 'zod';
import { defineEvents, event, Id, Reason, Subject } from 'sagaline/workflow';

/** Events before 0.1.0 name no subject: then the template told what a message was about. */
const message = z.object({
  subject: Subject.optional(),
  subjectId: Id,
  messageId: Id.or(z.string().max(256)),
  channel: z.enum(['email', 'sms']),
  template: z.string(),
});

export const notificationEvents = defineEvents({
  'notification.sent': event('subjectId', message),
  'notification.failed': event('subjectId', message.extend({ reason: Reason })),
});

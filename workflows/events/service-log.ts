/** Lines that services log. No saga hears them: they are the application's own, for its views. */
import { z } from 'zod';
import { defineEvents, event, Id, Timestamp } from 'sagaline/workflow';
import { LogAttributes, LogTraceId } from './log-fields.ts';

export const logEvents = defineEvents({
  'service.log': event(
    'service',
    z.object({
      service: Id,
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
      message: z.string().min(1).max(16_384),
      at: Timestamp.optional(),
      traceId: LogTraceId,
      attributes: LogAttributes,
    }),
  ),
});

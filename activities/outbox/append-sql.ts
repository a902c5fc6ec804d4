import { Prisma } from '../../prisma/generated/client.ts';
import { businessKeyOf } from '../../workflows/contracts/events.ts';
import type { EventType } from '../../workflows/contracts/events.ts';
import type { OutboxEntry } from './append-event.ts';

/**
 * The call of `append_outbox` as a piece of SQL, to be evaluated in the very statement that makes the event true: state change
 * and outbox row in one round trip. What `appendEvent` is for a transaction of several statements.
 *
 * Without a traceparent of its own the event carries on the one of its saga.
 */
export function appendEventSql<T extends EventType>(entry: OutboxEntry<T>): Prisma.Sql {
  const { eventId, type, payload, traceparent = null, workflowId = null } = entry;
  return Prisma.sql`append_outbox(
    ${eventId}::text, ${type}::text, ${type}::text, ${businessKeyOf(type, payload)}::text, ${JSON.stringify(payload)}::jsonb,
    COALESCE(${traceparent}::text, (SELECT "traceparent" FROM "sagas" WHERE "workflow_id" = ${workflowId}::text)),
    ${workflowId}::text)`;
}

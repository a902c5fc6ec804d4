import { Prisma } from '../../prisma/generated/client.ts';
import { businessKeyOf, type EventType, type Payload } from '../../workflows/contracts/events.ts';
import type { Transaction } from '../../prisma/database.ts';

export interface OutboxEntry<T extends EventType = EventType> {
  /** Deterministic: the same fact written twice has the same id, and is published once. */
  readonly eventId: string;
  readonly type: T;
  readonly payload: Payload<T>;
  readonly traceparent?: string | undefined;
  readonly workflowId?: string | undefined;
}

/**
 * Appends an event to the outbox, in the transaction of the state change that it tells of. The relay publishes it to the
 * topic named like its type, keyed by its business key.
 *
 * @returns false when an event of that id is in the outbox already
 */
export async function appendEvent<T extends EventType>(tx: Transaction, entry: OutboxEntry<T>): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ appended: boolean }[]>`SELECT ${appendEventSql(entry)} AS appended`;
  return row?.appended ?? false;
}

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

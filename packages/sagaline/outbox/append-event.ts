import { Prisma } from '../prisma/generated/client.ts';
import { businessKeyOf, type EventValue, type PayloadOf } from '../contracts/event.ts';
import { queryIn, type AnyTransaction } from './transaction.ts';

/** An event as it goes into the outbox. */
export interface OutboxEntry<E extends EventValue = EventValue> {
  /** Deterministic: the same fact written twice has the same id, and is published once. */
  readonly eventId: string;
  readonly event: E;
  readonly payload: PayloadOf<E>;
  /** W3C trace context; that of the workflow's saga unless told. */
  readonly traceparent?: string | undefined;
  /** The workflow whose work it is. */
  readonly workflowId?: string | undefined;
}

/**
 * Appends an event to the outbox, in the transaction of the state change that it tells of. The relay publishes it to the
 * topic named like its type, keyed by its business key.
 *
 * @returns false when an event of that id is in the outbox already
 */
export async function appendEvent(tx: AnyTransaction, entry: OutboxEntry): Promise<boolean> {
  const { text, values } = appendEventSql(entry);
  const [row] = await queryIn<{ appended: boolean }>(tx, `SELECT ${text} AS appended`, values as (string | null)[]);
  return row?.appended ?? false;
}

/**
 * The call of `append_outbox` as a piece of SQL, to be evaluated in the very statement that makes the event true: state change
 * and outbox row in one round trip. What `appendEvent` is for a transaction of several statements.
 *
 * Without a traceparent of its own the event carries on the one of its saga.
 */
export function appendEventSql(entry: OutboxEntry): Prisma.Sql {
  const { eventId, event, payload, traceparent = null, workflowId = null } = entry;
  const { type } = event;
  return Prisma.sql`sagaline_engine.append_outbox(
    ${eventId}::text, ${type}::text, ${type}::text, ${businessKeyOf(event, payload)}::text, ${JSON.stringify(payload)}::jsonb,
    COALESCE(${traceparent}::text, (SELECT "traceparent" FROM "sagaline_engine"."sagas" WHERE "workflow_id" = ${workflowId}::text)),
    ${workflowId}::text)`;
}

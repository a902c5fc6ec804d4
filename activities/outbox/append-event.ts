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
  const { eventId, type, payload, traceparent = null, workflowId = null } = entry;
  const key = businessKeyOf(type, payload);
  const [row] = await tx.$queryRaw<{ appended: boolean }[]>`
    SELECT append_outbox(${eventId}, ${type}, ${type}, ${key}, ${JSON.stringify(payload)}::jsonb, ${traceparent}, ${workflowId}) AS appended`;
  return row?.appended ?? false;
}

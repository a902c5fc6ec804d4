import type { Transaction } from '../../prisma/database.ts';

/** A follow-up that waited too long, with what the inbox kept of its record. */
export interface ExpiredRow {
  readonly eventId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly topicLife: number;
  readonly key: string | null;
  readonly payload: unknown;
  readonly traceparent: string | null;
  readonly receivedAt: Date;
}

export interface ExpiredPage {
  readonly windowMs: number;
  readonly limit: number;
  /** Ids of events to leave alone. */
  readonly except: readonly string[];
}

/**
 * Marks follow-ups as dead-lettered that were parked for longer than `windowMs` and have no saga still. The caller writes
 * the dead letters before it commits. Rows that another sweeper holds are left to it.
 */
export async function takeExpired(tx: Transaction, { windowMs, limit, except }: ExpiredPage): Promise<ExpiredRow[]> {
  return tx.$queryRaw<ExpiredRow[]>`
    UPDATE sagaline_engine.inbox SET state = 'deadLettered', handled_at = now()
    WHERE (event_id, saga_name) IN (
      SELECT event_id, saga_name FROM sagaline_engine.inbox
      WHERE state = 'parked' AND received_at < now() - ${windowMs}::DOUBLE PRECISION * INTERVAL '1 millisecond'
        AND NOT EXISTS (SELECT FROM sagaline_engine.sagas WHERE sagas.workflow_id = inbox.workflow_id)
        AND NOT event_id = ANY (${except})
      ORDER BY received_at
      LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    )
    RETURNING event_id AS "eventId", topic, partition, "offset", topic_life AS "topicLife", key, payload, traceparent,
      received_at AS "receivedAt"`;
}

import { queryIn, type AnyTransaction } from './transaction.ts';

/** An event that was recorded. */
export interface PastEvent {
  readonly type: string;
  /** When it was recorded. */
  readonly at: Date;
}

/**
 * What a saga and its participants recorded, oldest first. From the outbox: it has every event from the moment on in which it is
 * true, and keeps it.
 */
export async function eventsOf(database: AnyTransaction, workflowId: string): Promise<PastEvent[]> {
  return queryIn<PastEvent>(
    database,
    `SELECT "type", "created_at" AS "at" FROM "sagaline_engine"."outbox" WHERE "workflow_id" = $1::text ORDER BY "id"`,
    [workflowId],
  );
}

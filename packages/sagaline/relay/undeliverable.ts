/** What an operator does with events that Kafka refuses: look at them, have them tried again at once, or give them up. */
import type { Pool } from 'pg';
import { CHANNEL, LANES } from './outbox-session.ts';

export interface RefusedEvent {
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  readonly topic: string;
  readonly key: string;
  readonly workflowId: string | null;
  /** Kafka's code, such as MESSAGE_TOO_LARGE. */
  readonly code: string;
  readonly refusals: number;
  readonly createdAt: Date;
  readonly retryAt: Date;
  /** The topic is refused, and everything in it waits. */
  readonly holdsTopic: boolean;
  /** How many wait behind it: of its key, or of its whole topic. */
  readonly behind: number;
}

/** No event of this id is refused: there is none, it was published, or it is buried already. */
export class NotRefused extends Error {
  override readonly name = 'NotRefused';
  constructor(id: string) {
    super(`no event of the outbox with the id ${id} is refused by Kafka: npm run saga -- outbox list`);
  }
}

const REFUSED = 'refused_at IS NOT NULL AND published_at IS NULL AND buried_at IS NULL';

/** The oldest first. */
export async function listRefused(pool: Pool, { limit }: { readonly limit: number }): Promise<RefusedEvent[]> {
  const { rows } = await pool.query<RefusedEvent>(
    `SELECT o.id::text, o.event_id AS "eventId", o.type, o.topic, o.key, o.workflow_id AS "workflowId",
            o.refused_code AS code, o.refusals, o.created_at AS "createdAt", o.retry_at AS "retryAt",
            o.holds_topic AS "holdsTopic", (
              SELECT count(*)::int FROM sagaline_engine.outbox AS waiting
              WHERE waiting.lane = ANY(CASE WHEN o.holds_topic THEN $2::smallint[] ELSE ARRAY[o.lane] END)
                AND waiting.topic = o.topic AND (o.holds_topic OR waiting.key = o.key) AND waiting.id > o.id
                AND waiting.published_at IS NULL AND waiting.buried_at IS NULL
            ) AS behind
     FROM sagaline_engine.outbox AS o WHERE ${REFUSED} ORDER BY o.id LIMIT $1`,
    [limit, LANES],
  );
  return rows;
}

/** Has the relay try it again at once, instead of when its time comes. @throws NotRefused */
export async function retryOutboxEvent(pool: Pool, id: string): Promise<void> {
  await update(pool, id, 'retry_at = now()', []);
}

/**
 * Gives an event up: it is never published, what waits behind it follows, and the row stays, with who and why.
 *
 * @throws NotRefused
 */
export function buryOutboxEvent(
  pool: Pool,
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<Pick<RefusedEvent, 'eventId' | 'topic'>> {
  return update(pool, id, 'buried_at = now(), buried_by = $2, buried_reason = $3', [by, reason]);
}

async function update(pool: Pool, id: string, change: string, values: readonly string[]) {
  const { rows } = await pool.query<Pick<RefusedEvent, 'eventId' | 'topic'>>(
    `WITH changed AS (
       UPDATE sagaline_engine.outbox SET ${change} WHERE id = $1 AND ${REFUSED} RETURNING event_id AS "eventId", topic
     )
     SELECT "eventId", topic FROM changed, pg_notify('${CHANNEL}', '')`,
    [id, ...values],
  );
  const [row] = rows;
  if (!row) throw new NotRefused(id);
  return row;
}

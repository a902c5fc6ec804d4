import type { Database } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { FollowUp } from '../../contracts/saga.ts';

/** An event that the inbox has and its saga has not, with what the inbox kept of its record. */
export interface WaitingRow {
  readonly eventId: string;
  readonly sagaName: string;
  readonly workflowId: string;
  readonly sagaId: string;
  readonly type: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly topicLife: number;
  readonly key: string | null;
  readonly payload: unknown;
  readonly traceparent: string | null;
  readonly receivedAt: Date;
  /** The event that starts the saga, or started it. */
  readonly sagaEventId: string;
  readonly sagaPayloadHash: string;
  readonly payloadHash: string;
  /** Follow-ups that wait for the saga, oldest first. */
  readonly parked: readonly FollowUp[] | null;
}

export interface WaitingPage {
  /** `parked`: its saga has a row by now, and nobody brought it. `received`: it was recorded, and nobody took it up. */
  readonly state: 'parked' | 'received';
  readonly olderThanMs: number;
  readonly limit: number;
  /** Where the page before ended: those that stay must not keep the others from their turn. */
  readonly after?: Pick<WaitingRow, 'receivedAt' | 'eventId' | 'sagaName'> | undefined;
}

/** Events that wait although their saga has a row, oldest first: a consumer died between them and their saga. */
export async function findWaiting(database: Database, page: WaitingPage): Promise<WaitingRow[]> {
  const { state, olderThanMs, limit, after } = page;
  return database.$queryRaw<WaitingRow[]>`
    ${ROWS}
    WHERE inbox.state = ${state}
      AND inbox.received_at < now() - ${olderThanMs}::DOUBLE PRECISION * INTERVAL '1 millisecond'
      AND (inbox.received_at, inbox.event_id, inbox.saga_name) >
        (COALESCE(${after?.receivedAt ?? null}::TIMESTAMPTZ, '-infinity'), ${after?.eventId ?? ''}, ${after?.sagaName ?? ''})
    ORDER BY inbox.received_at, inbox.event_id, inbox.saga_name
    LIMIT ${limit}`;
}

/** One event that was recorded and has not been taken up, for one saga. */
export async function findReceived(
  database: Database,
  { eventId, sagaName }: Pick<WaitingRow, 'eventId' | 'sagaName'>,
): Promise<WaitingRow | undefined> {
  const [row] = await database.$queryRaw<WaitingRow[]>`
    ${ROWS}
    WHERE inbox.event_id = ${eventId} AND inbox.saga_name = ${sagaName} AND inbox.state = 'received'`;
  return row;
}

const ROWS = Prisma.sql`
  SELECT inbox.event_id AS "eventId", inbox.saga_name AS "sagaName", inbox.workflow_id AS "workflowId",
    sagas.saga_id AS "sagaId", inbox.type, inbox.topic, inbox.partition, inbox."offset",
    inbox.topic_life AS "topicLife", inbox.key, inbox.payload, inbox.traceparent, inbox.received_at AS "receivedAt",
    sagas.event_id AS "sagaEventId", sagas.payload_hash AS "sagaPayloadHash", inbox.payload_hash AS "payloadHash",
    CASE WHEN sagas.event_id = inbox.event_id THEN (
      SELECT jsonb_agg(
        jsonb_build_object('type', other.type, 'eventId', other.event_id, 'data', other.payload)
        ORDER BY other.received_at, other.topic, other.partition, other."offset")
      FROM sagaline_engine.inbox AS other WHERE other.workflow_id = inbox.workflow_id AND other.state = 'parked'
    ) END AS parked
  FROM sagaline_engine.inbox
  JOIN sagaline_engine.sagas ON sagas.workflow_id = inbox.workflow_id`;

/** How many events were recorded longer ago than that and have not been taken up, and when the oldest was. */
export async function countOverdue(
  database: Database,
  olderThanMs: number,
): Promise<{ rows: number; oldestAgeMs: number }> {
  const [found] = await database.$queryRaw<{ rows: number; oldestAgeMs: number }[]>`
    SELECT count(*)::INT AS rows,
      COALESCE(EXTRACT(EPOCH FROM now() - min(received_at)) * 1000, 0)::DOUBLE PRECISION AS "oldestAgeMs"
    FROM sagaline_engine.inbox
    WHERE state = 'received' AND received_at < now() - ${olderThanMs}::DOUBLE PRECISION * INTERVAL '1 millisecond'`;
  return found ?? { rows: 0, oldestAgeMs: 0 };
}

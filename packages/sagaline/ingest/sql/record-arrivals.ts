import type { Transaction } from '../../prisma/database.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { FollowUp, SagaState } from '../../contracts/saga.ts';
import type { Arrival } from '../arrival.ts';
import type { InboxState } from './inbox-state.ts';

/** What the inbox and the saga rows say about one arrival, in the order of the arrivals. */
export interface RecordedArrival {
  /** This very delivery made the row. */
  readonly isNew: boolean;
  /** The row as it was before; null when there was none. */
  readonly knownState: InboxState | null;
  /** The event id is known with other content. */
  readonly conflicts: boolean;
  /** False for a follow-up whose rule is to ignore it, because no saga runs or it has had its one. */
  readonly wanted: boolean;
  /** The saga's row, be it this event's own; null when there is none, or when it came about at this very moment. */
  readonly sagaState: SagaState | null;
  readonly sagaEventId: string | null;
  /** Whether that saga was started by an event of the same content. */
  readonly sagaHasContent: boolean | null;
  /** For an event that starts a saga: the follow-ups that wait for it, oldest first. */
  readonly parked: readonly FollowUp[] | null;
}

/**
 * Writes the inbox rows of a chunk, and the saga rows of those that start one, in one statement; rows that exist stay as
 * they are. A follow-up without a saga is parked at once, so that the saga's start finds it.
 *
 * The statement sees the tables as they were before it, so of two deliveries at the same moment the later one may come back
 * neither new nor known: ask again for those. Rows are inserted in the order of their keys, against deadlocks.
 */
export async function recordArrivals(database: Transaction, arrivals: readonly Arrival[]): Promise<RecordedArrival[]> {
  const rows = JSON.stringify(arrivals.map(toRow));
  return database.$queryRaw<RecordedArrival[]>`
    WITH arrival AS (
      SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS row(
        n INT, event_id TEXT, saga_name TEXT, saga_id TEXT, workflow_id TEXT, type TEXT, topic TEXT, partition INT,
        "offset" BIGINT, topic_life INT, key TEXT, payload JSONB, payload_hash TEXT, content_hash TEXT, event_time TIMESTAMPTZ, traceparent TEXT,
        starts BOOLEAN, parks BOOLEAN, once BOOLEAN)
    ), seen AS (
      SELECT arrival.*, known.state AS known_state,
        saga.state AS saga_state, saga.event_id AS saga_event_id,
        ${hasContent('saga', 'first.payload')} AS saga_has_content,
        EXISTS (
          SELECT FROM sagaline_engine.inbox WHERE inbox.event_id = arrival.event_id AND NOT ${hasContent('inbox', 'inbox.payload')}
        ) AS conflicts,
        starts OR parks OR COALESCE(
          saga.state IN ('running', 'rollingBack') AND NOT (once AND arrival.type = ANY (saga.delivered)), FALSE
        ) AS wanted
      FROM arrival
      LEFT JOIN sagaline_engine.inbox AS known ON known.event_id = arrival.event_id AND known.saga_name = arrival.saga_name
      LEFT JOIN sagaline_engine.sagas AS saga ON saga.workflow_id = arrival.workflow_id
      LEFT JOIN sagaline_engine.inbox AS first ON arrival.starts AND first.event_id = saga.event_id AND first.saga_name = saga.name
    ), new_event AS (
      INSERT INTO sagaline_engine.inbox (event_id, saga_name, type, topic, partition, "offset", topic_life, key, payload, payload_hash, content_hash,
        event_time,
        traceparent, workflow_id, state)
      SELECT event_id, saga_name, type, topic, partition, "offset", topic_life, key, payload, payload_hash, content_hash,
        event_time,
        traceparent, workflow_id, CASE WHEN starts OR saga_state IS NOT NULL THEN 'received' ELSE 'parked' END
      FROM seen
      WHERE wanted AND NOT conflicts AND known_state IS NULL
      ORDER BY event_id, saga_name, n
      ON CONFLICT DO NOTHING
      RETURNING event_id, saga_name, topic, partition, "offset"
    ), new_saga AS (
      INSERT INTO sagaline_engine.sagas (workflow_id, name, saga_id, state, parked, event_id, payload_hash, content_hash, topic, partition, "offset",
        topic_life, traceparent, delivered)
      SELECT workflow_id, saga_name, saga_id, 'running', '{}', event_id, payload_hash, content_hash, topic, partition, "offset",
        topic_life, traceparent, '{}'
      FROM seen JOIN new_event USING (event_id, saga_name, topic, partition, "offset")
      WHERE starts AND saga_state IS NULL
      ORDER BY workflow_id, n
      ON CONFLICT DO NOTHING
      RETURNING workflow_id, event_id, state
    )
    SELECT new_event.event_id IS NOT NULL AS "isNew", seen.known_state AS "knownState", seen.conflicts, seen.wanted,
      COALESCE(seen.saga_state, new_saga.state) AS "sagaState",
      COALESCE(seen.saga_event_id, new_saga.event_id) AS "sagaEventId",
      seen.saga_has_content AS "sagaHasContent",
      CASE WHEN starts THEN (
        SELECT jsonb_agg(
          jsonb_build_object('type', type, 'eventId', event_id, 'data', payload)
          ORDER BY received_at, topic, partition, "offset")
        FROM sagaline_engine.inbox WHERE inbox.workflow_id = seen.workflow_id AND inbox.state = 'parked'
      ) END AS parked
    FROM seen
    LEFT JOIN new_event USING (event_id, saga_name, topic, partition, "offset")
    LEFT JOIN new_saga ON new_saga.workflow_id = seen.workflow_id AND new_saga.event_id = new_event.event_id
    ORDER BY seen.n`;
}

/**
 * Whether a row has the content of `arrival`: either of its hashes is the same. A row from before there were two hashes also has it
 * where its payload is what a schema that knew less kept of the arrival's.
 */
function hasContent(row: 'inbox' | 'saga', payload: 'inbox.payload' | 'first.payload'): Prisma.Sql {
  return Prisma.raw(`CASE
    WHEN ${row}.content_hash = arrival.content_hash OR ${row}.payload_hash = arrival.payload_hash THEN TRUE
    WHEN ${row}.content_hash IS NULL AND ${payload} IS NOT NULL THEN sagaline_engine.json_keeps(arrival.payload, ${payload})
    ELSE FALSE END`);
}

function toRow({ event, target: { route, sagaId, workflowId } }: Arrival, n: number) {
  return {
    n,
    event_id: event.eventId,
    saga_name: route.saga.name,
    saga_id: sagaId,
    workflow_id: workflowId,
    type: event.type,
    topic: event.position.topic,
    partition: event.position.partition,
    offset: event.position.offset,
    topic_life: event.position.topicLife ?? 1,
    key: event.key,
    payload: event.payload,
    payload_hash: event.payloadHash,
    content_hash: event.contentHash,
    event_time: event.eventTime,
    traceparent: event.traceparent,
    starts: route.kind === 'start',
    parks: route.kind === 'followUp' && route.rule.ifNoSaga === 'park',
    once: route.kind === 'followUp' && route.rule.deliver === 'once',
  };
}

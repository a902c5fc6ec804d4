import type { Transaction } from '../../prisma/database.ts';
import type { ParkedFollowUp, Transition } from '../arrival.ts';
import { toParkedFollowUp, type ParkedRow } from './parked-row.ts';

/**
 * Brings inbox rows to their new states and marks what a saga has had its one of, in one statement; a row that has reached
 * its end already stays there. Rows are locked in the order of their keys, whatever that of their records: others settle copies of
 * the same events at the same time, and two that wait for each other are a deadlock.
 *
 * @param watched workflow ids whose parked follow-ups are asked for, with those of the transitions
 * @returns follow-ups that are parked although their saga has a row: they came while it was being started
 */
export async function settleEvents(
  database: Transaction,
  transitions: readonly Transition[],
  watched: readonly string[] = [],
): Promise<ParkedFollowUp[]> {
  const rows = JSON.stringify(transitions);
  const workflowIds = [...new Set([...watched, ...transitions.map(({ workflowId }) => workflowId)])];
  const parked = await database.$queryRaw<ParkedRow[]>`
    WITH transition AS (
      SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS row(
        "eventId" TEXT, "sagaName" TEXT, "workflowId" TEXT, state TEXT, "deliveredType" TEXT)
    ), unsettled AS (
      SELECT inbox.event_id, inbox.saga_name, transition.state
      FROM sagaline_engine.inbox
      JOIN transition ON inbox.event_id = transition."eventId" AND inbox.saga_name = transition."sagaName"
      WHERE inbox.state IN ('received', 'parked')
      ORDER BY inbox.event_id, inbox.saga_name
      FOR UPDATE OF inbox
    ), settled AS (
      UPDATE sagaline_engine.inbox SET state = unsettled.state, handled_at = now()
      FROM unsettled
      WHERE inbox.event_id = unsettled.event_id AND inbox.saga_name = unsettled.saga_name
        AND inbox.state IN ('received', 'parked')
    ), undelivered AS (
      SELECT sagas.workflow_id, one.type
      FROM sagaline_engine.sagas
      JOIN (
        SELECT DISTINCT "workflowId" AS workflow_id, "deliveredType" AS type
        FROM transition WHERE "deliveredType" IS NOT NULL
      ) AS one ON sagas.workflow_id = one.workflow_id
      ORDER BY sagas.workflow_id
      FOR UPDATE OF sagas
    ), delivered AS (
      UPDATE sagaline_engine.sagas SET delivered = array_append(sagas.delivered, undelivered.type)
      FROM undelivered
      WHERE sagas.workflow_id = undelivered.workflow_id
        AND NOT (undelivered.type = ANY (COALESCE(sagas.delivered, '{}')))
    )
    SELECT inbox.event_id AS "eventId", inbox.saga_name AS "sagaName", inbox.workflow_id AS "workflowId", inbox.type,
      inbox.payload
    FROM sagaline_engine.inbox
    JOIN sagaline_engine.sagas ON sagas.workflow_id = inbox.workflow_id
    WHERE inbox.workflow_id = ANY (${workflowIds}) AND inbox.state = 'parked'
      AND NOT EXISTS (
        SELECT FROM transition
        WHERE transition."eventId" = inbox.event_id AND transition."sagaName" = inbox.saga_name
      )
    ORDER BY inbox.received_at, inbox.topic, inbox.partition, inbox."offset"`;
  return parked.map(toParkedFollowUp);
}

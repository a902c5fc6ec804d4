import type { Transaction } from '../../prisma/database.ts';
import type { Transition } from '../arrival.ts';

/**
 * Marks events as dead-lettered whose record has been buried, where they were recorded and not taken up; a saga that such an event
 * was to start has failed: nothing of it ever ran. Rows are locked in the order of their keys, as settleEvents does.
 */
export async function giveUpEvents(
  database: Transaction,
  events: readonly Pick<Transition, 'eventId' | 'sagaName'>[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = JSON.stringify(events.map(({ eventId, sagaName }) => ({ event_id: eventId, saga_name: sagaName })));
  await database.$executeRaw`
    WITH unsettled AS (
      SELECT inbox.event_id, inbox.saga_name
      FROM sagaline_engine.inbox
      JOIN jsonb_to_recordset(${rows}::jsonb) AS row(event_id TEXT, saga_name TEXT) USING (event_id, saga_name)
      WHERE inbox.state IN ('received', 'parked')
      ORDER BY inbox.event_id, inbox.saga_name
      FOR UPDATE OF inbox
    ), given_up AS (
      UPDATE sagaline_engine.inbox SET state = 'deadLettered', handled_at = now()
      FROM unsettled
      WHERE inbox.event_id = unsettled.event_id AND inbox.saga_name = unsettled.saga_name
        AND inbox.state IN ('received', 'parked')
      RETURNING inbox.event_id, inbox.workflow_id
    )
    UPDATE sagaline_engine.sagas SET state = 'failed', closed_at = now(), updated_at = now()
    FROM given_up
    WHERE sagas.workflow_id = given_up.workflow_id AND sagas.event_id = given_up.event_id AND sagas.state = 'running'`;
}

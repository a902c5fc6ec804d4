import type { Database } from '../../../../prisma/database.ts';
import type { ParkedFollowUp } from '../arrival.ts';
import { toParkedFollowUp, type ParkedRow } from './parked-row.ts';

/** Parked follow-ups whose saga has a row by now, oldest first: a consumer died between the saga's start and them. */
export async function findArrived(database: Database, limit: number): Promise<ParkedFollowUp[]> {
  const rows = await database.$queryRaw<ParkedRow[]>`
    SELECT inbox.event_id AS "eventId", inbox.saga_name AS "sagaName", inbox.workflow_id AS "workflowId", inbox.type,
      inbox.payload
    FROM inbox
    JOIN sagas ON sagas.workflow_id = inbox.workflow_id
    WHERE inbox.state = 'parked'
    ORDER BY inbox.received_at, inbox.topic, inbox.partition, inbox."offset"
    LIMIT ${limit}`;
  return rows.map(toParkedFollowUp);
}

import type { Transaction } from '../../prisma/database.ts';
import type { SagaState } from '../../contracts/saga.ts';
import type { InboxState } from './inbox-state.ts';

export interface FoundSaga {
  readonly state: SagaState;
  readonly traceparent: string | null;
  /** What became of the event that starts it: `received` while the start is under way. Null when nobody knows. */
  readonly startState: InboxState | null;
  /** Null once the payload's retention is over. */
  readonly startPayload: unknown;
}

/** The saga's row, with the event that started it. */
export async function findSaga(database: Transaction, workflowId: string): Promise<FoundSaga | undefined> {
  const [saga] = await database.$queryRaw<FoundSaga[]>`
    SELECT sagas.state, sagas.traceparent, inbox.state AS "startState", inbox.payload AS "startPayload"
    FROM sagaline_engine.sagas
    LEFT JOIN sagaline_engine.inbox ON inbox.event_id = sagas.event_id AND inbox.saga_name = sagas.name
    WHERE sagas.workflow_id = ${workflowId}`;
  return saga;
}

import type { Database } from '../prisma/database.ts';
import type { AbortCause } from '../contracts/saga.ts';
import type { Inspection, SagaWorkflows } from '../http/ports.ts';
import { troubleOf, type Trouble } from './trouble.ts';

/**
 * What became of a cancel that found no workflow running:
 * - `notStarted`: the start is on its way.
 * - `over`: the saga has its outcome.
 * - `kept`: the saga is lost; its row says that it rolls back, so it will, whenever it runs again.
 * - `refused`: the saga is lost, and nobody can tell whether it was past its pivot, or it was: nothing was changed.
 * - `unreachable`: Temporal does not answer.
 */
export type KeptCancel =
  | { readonly outcome: 'notStarted' | 'over' | 'unreachable' }
  | { readonly outcome: 'kept' | 'refused'; readonly trouble: Trouble };

interface Deps {
  readonly database: Database;
  readonly inspect: SagaWorkflows['inspect'];
}

/**
 * Takes a cancel for a saga that Temporal does not run. The row is the one winner (kernel rule 3): claimed `rollingBack` with the
 * cancel as its cause, it turns the saga around when its workflow is reset, however fast that is, and after its steps have run
 * again: only then are their compensations known. So the money goes back; a signal that came first would find nothing to undo.
 */
export function createKeepCancel({ database, inspect }: Deps) {
  return async function keepCancel(workflowId: string, cause: AbortCause & { kind: 'cancel' }): Promise<KeptCancel> {
    const saga = await readOpen(database, workflowId);
    if (!saga || saga.closedAt !== null) return { outcome: 'over' };
    if (saga.startState === 'received') return { outcome: 'notStarted' };
    const inspection = await inspect(workflowId, { journey: true });
    if (inspection.known === 'unreachable') return { outcome: 'unreachable' };
    const trouble = troubleOf(saga, inspection);
    // Running after all: it was reset, or started, a moment ago.
    if (!trouble || trouble.kind !== 'lost') return { outcome: 'notStarted' };
    if (saga.state === 'running' && !canTurnBack(inspection)) return { outcome: 'refused', trouble };
    return (await claim(workflowId, cause)) ? { outcome: 'kept', trouble } : { outcome: 'over' };
  };

  /** @returns false when the saga was closed meanwhile */
  async function claim(workflowId: string, cause: AbortCause): Promise<boolean> {
    await database.$executeRaw`
      UPDATE "sagaline_engine"."sagas" SET "state" = 'rollingBack', "cause" = ${JSON.stringify(cause)}::JSONB, "updated_at" = now()
      WHERE "workflow_id" = ${workflowId} AND "state" = 'running'`;
    return (await readOpen(database, workflowId))?.closedAt === null;
  }
}

/** After a pivot nothing rolls back (kernel rule 6); where no worker tells what was done, nobody knows whether there was one. */
function canTurnBack(inspection: Inspection): boolean {
  const journey = inspection.known === 'yes' ? inspection.journey : undefined;
  return journey !== undefined && !journey.steps.some(({ kind, state }) => kind === 'pivot' && state !== 'failed');
}

/** The row, with what became of the event that started it. */
export async function readOpen(database: Database, workflowId: string) {
  const [saga] = await database.$queryRaw<
    { workflowId: string; state: string; closedAt: Date | null; startState: string | null }[]
  >`
    SELECT "sagas"."workflow_id" AS "workflowId", "sagas"."state", "sagas"."closed_at" AS "closedAt",
      "inbox"."state" AS "startState"
    FROM "sagaline_engine"."sagas"
    LEFT JOIN "sagaline_engine"."inbox" ON "inbox"."event_id" = "sagas"."event_id" AND "inbox"."saga_name" = "sagas"."name"
    WHERE "sagas"."workflow_id" = ${workflowId}`;
  return saga;
}

import type { Database } from '../../prisma/database.ts';
import type { AbortCause, Journey, JourneyStep, SagaState } from '../../workflows/contracts/saga.ts';
import { temporalUiLink } from './links.ts';
import type { ActivityAttempts, HttpOptions, Inspection, SagaWorkflows } from './ports.ts';
import { Problem } from './problem.ts';
import { summaryOf } from './saga-list.ts';

interface Deps {
  readonly database: Database;
  readonly workflows: SagaWorkflows;
  readonly options: Pick<HttpOptions, 'temporalUi'>;
}

/**
 * Everything known of one saga. The row and what it emitted come from PostgreSQL; steps and attempts from Temporal, as far
 * as it answers and remembers, and the answer says so.
 *
 * @throws Problem not-found
 */
export function createSagaDetail({ database, workflows, options }: Deps) {
  return async function sagaDetail(workflowId: string) {
    const row = await findSaga(database, workflowId);
    const [inspection, emitted] = await Promise.all([
      // A saga that is over has its journey on the row: no worker need replay it.
      workflows.inspect(workflowId, { journey: row.closedAt === null }),
      emittedBy(database, workflowId),
    ]);
    const { topic, partition, offset, eventId, traceparent } = row;
    return {
      ...summaryOf({ ...row, state: row.state as SagaState, cause: row.cause as AbortCause | null }),
      source: { topic, partition, offset: String(offset), eventId, ...(traceparent ? { traceparent } : {}) },
      ...stepsOf(row.journey as Journey | null, inspection),
      emitted,
      temporal: temporalOf(workflowId, inspection),
    };
  };

  function temporalOf(workflowId: string, inspection: Inspection) {
    if (inspection.known !== 'yes') {
      return { known: inspection.known, url: temporalUiLink(options.temporalUi, workflowId) };
    }
    const { known, runId, status } = inspection;
    return { known, runId, status, url: temporalUiLink(options.temporalUi, workflowId, runId) };
  }
}

/** @throws Problem not-found */
export async function findSaga(database: Database, workflowId: string) {
  const row = await database.saga.findUnique({ where: { workflowId } });
  if (!row) throw new Problem('not-found', 'no saga has this id');
  return row;
}

async function emittedBy(database: Database, workflowId: string) {
  const rows = await database.outboxEvent.findMany({ where: { workflowId }, orderBy: { id: 'asc' } });
  return rows.map(({ eventId, type, topic, key, publishedAt }) => ({
    eventId,
    type,
    topic,
    key,
    ...(publishedAt ? { publishedAt: publishedAt.toISOString() } : {}),
  }));
}

function stepsOf(stored: Journey | null, inspection: Inspection) {
  const live = inspection.known === 'yes' ? inspection.journey : undefined;
  const journey = live ?? stored;
  const activities = inspection.known === 'yes' ? inspection.activities : [];
  return {
    steps: (journey?.steps ?? []).map((step) => withAttempts(step, activities)),
    stepsFrom: live ? ('workflow' as const) : journey ? ('stored' as const) : ('nowhere' as const),
  };
}

function withAttempts(step: JourneyStep, activities: readonly ActivityAttempts[]) {
  const { compensation } = step;
  return {
    ...step,
    ...attemptsOf(step.name, activities),
    compensation: compensation && { ...compensation, ...attemptsOf(`${step.name}.compensation`, activities) },
  };
}

/** A step's activities are named like it, further ones with `#2` and so on behind. */
function attemptsOf(name: string, activities: readonly ActivityAttempts[]) {
  const own = activities.filter(({ activityId }) => activityId === name || activityId.startsWith(`${name}#`));
  return {
    attempts: own.reduce((sum, { attempts }) => sum + attempts, 0),
    activities: own.map(({ activityId, ...rest }) => ({ id: activityId, ...rest })),
  };
}

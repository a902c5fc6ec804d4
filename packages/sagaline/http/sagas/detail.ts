import type { Database } from '../../prisma/database.ts';
import type { AbortCause, Journey, JourneyStep, SagaState } from '../../contracts/saga.ts';
import { createLookAt } from '../../sagas/look-at.ts';
import type { Routes } from '../../dispatch/dispatch.ts';
import { deadLettersOfSaga } from '../dead-letters/list.ts';
import { temporalUiLink } from '../links.ts';
import type { ActivityAttempts, HttpOptions, Inspection, SagaWorkflows } from '../ports.ts';
import { Problem } from '../problem.ts';
import { summaryOf } from './list.ts';

interface Deps {
  readonly database: Database;
  readonly workflows: SagaWorkflows;
  readonly routes: Routes;
  readonly options: Pick<HttpOptions, 'temporalUi'>;
}

/**
 * Everything known of one saga. The row and what it emitted come from PostgreSQL; steps and attempts from Temporal, as far
 * as it answers and remembers, and the answer says so.
 *
 * @throws Problem not-found
 */
export function createSagaDetail({ database, workflows, routes, options }: Deps) {
  const lookAt = createLookAt({ database, inspect: (...asked) => workflows.inspect(...asked) });

  return async function sagaDetail(workflowId: string) {
    const deadLetters = await deadLettersOfSaga(database, routes, workflowId);
    const row = await findSaga(database, workflowId).catch((error: unknown) => {
      throw deadLetters.length === 0 ? error : neverStarted(workflowId, deadLetters);
    });
    const [{ inspection, trouble }, emitted] = await Promise.all([
      // A saga that is over has its journey on the row: no worker need replay it.
      lookAt(workflowId, { journey: row.closedAt === null }),
      emittedBy(database, workflowId),
    ]);
    const { topic, partition, offset, eventId, traceparent } = row;
    const summary = summaryOf({ ...row, state: row.state as SagaState, cause: row.cause as AbortCause | null });
    return {
      ...summary,
      ...(trouble ? { state: trouble.kind, trouble: { ...trouble, rowState: summary.state } } : {}),
      source: { topic, partition, offset: String(offset), eventId, ...(traceparent ? { traceparent } : {}) },
      ...stepsOf(row.journey as Journey | null, inspection),
      emitted,
      ...(deadLetters.length === 0 ? {} : { deadLetters }),
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

/** Its event came, and is a dead letter: who looks for the saga should hear of that. */
function neverStarted(workflowId: string, deadLetters: Awaited<ReturnType<typeof deadLettersOfSaga>>): Problem {
  const [newest] = deadLetters;
  const what = `no saga has this id, but ${newest?.topic ?? 'an event'} for it is a dead letter: ${newest?.reason ?? ''}, see ${newest?.href ?? ''}`;
  return new Problem('not-found', what, { more: { saga: workflowId, deadLetters } });
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

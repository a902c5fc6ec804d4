import type { Resolved } from '../../contracts/saga.ts';
import { NotParked, SagaGone, WorkerSilent, type HttpDeps, type ResolveRequest } from '../ports.ts';
import { Problem, unavailable } from '../problem.ts';
import { createLookAt } from '../../sagas/look-at.ts';
import { findSaga } from './detail.ts';

type Deps = Pick<HttpDeps, 'database' | 'workflows'>;

/**
 * Brings an operator's word to a parked step, and the saga's answer back.
 *
 * @throws Problem not-found, not-parked, resolved-otherwise, saga-over, saga-lost, unavailable
 */
export function createResolveStep({ database, workflows }: Deps) {
  const lookAt = createLookAt({ database, inspect: (...asked) => workflows.inspect(...asked) });

  return async function resolveStep(workflowId: string, request: ResolveRequest): Promise<Resolved> {
    const { closedAt } = await findSaga(database, workflowId);
    const { step, resolution } = request;
    try {
      const resolved = await workflows.resolveParked(workflowId, request);
      if (resolved.action === resolution.action) return resolved;
      throw new Problem('resolved-otherwise', `step ${step} was resolved as ${resolved.action}, by ${resolved.by}`);
    } catch (error) {
      if (error instanceof NotParked) throw new Problem('not-parked', error.message, { cause: error });
      if (error instanceof SagaGone && closedAt !== null) {
        throw new Problem('saga-over', `${workflowId} is over: nothing waits for an operator`, { cause: error });
      }
      if (error instanceof SagaGone) throw await whyGone(workflowId, error);
      if (error instanceof WorkerSilent) throw unavailable(`${error.message}; repeat the request`, error);
      throw error;
    }
  };

  /** Not over, and nothing runs it: its start is on its way, or it was ended from outside. */
  async function whyGone(workflowId: string, cause: SagaGone): Promise<Problem> {
    const { trouble } = await lookAt(workflowId, { journey: false });
    if (trouble?.kind !== 'lost') return unavailable('Temporal does not run this saga at the moment', cause);
    const what = `the workflow of ${workflowId} ended from outside (${trouble.reason}): nothing waits for an operator`;
    return new Problem('saga-lost', `${what}. ${trouble.advice}`, { cause });
  }
}

import type { CancelRequest } from '../../contracts/saga.ts';
import { createKeepCancel } from '../../sagas/keep-cancel.ts';
import type { IdempotentRequest, IdempotencyStore } from '../idempotency.ts';
import { sagaLink, type Link } from '../links.ts';
import type { HttpDeps } from '../ports.ts';
import { Problem, unavailable } from '../problem.ts';
import { findSaga } from './detail.ts';

export interface CancelAnswer {
  readonly requestId: string;
  readonly saga: Link;
  /** The saga is lost; the cancel is applied when its workflow runs again. */
  readonly waiting?: { readonly state: 'lost'; readonly reason: string; readonly advice: string };
}

type Deps = Pick<HttpDeps, 'database' | 'workflows'> & { readonly idempotency: IdempotencyStore };

/**
 * Asks a saga to cancel. Whether it still can, the saga decides: past its pivot it answers with its own event.
 *
 * @throws Problem not-found, saga-over, saga-lost, unavailable
 */
export function createCancelSaga({ database, workflows, idempotency }: Deps) {
  const keepCancel = createKeepCancel({ database, inspect: (id, wants) => workflows.inspect(id, wants) });

  return async function cancelSaga(
    workflowId: string,
    cancel: CancelRequest,
    request: IdempotentRequest | undefined,
  ): Promise<CancelAnswer> {
    const known = request && (await idempotency.find<CancelAnswer>(request));
    // Asked again, for nobody knows how far the first request came; the saga applies one request id once.
    if (known) return (await ask(workflowId, cancel)) ? known : await whenNotRunning(cancel, known, true);

    if ((await findSaga(database, workflowId)).closedAt !== null) throw over(workflowId);
    const answer = { requestId: cancel.requestId, saga: sagaLink(workflowId) };
    if (request) await idempotency.remember(request, 202, answer);
    return (await ask(workflowId, cancel)) ? answer : await whenNotRunning(cancel, answer, false);
  };

  async function ask(workflowId: string, cancel: CancelRequest): Promise<boolean> {
    try {
      return await workflows.cancel(workflowId, cancel);
    } catch (cause) {
      throw unavailable('Temporal does not answer at the moment; repeat the request', cause);
    }
  }

  /** Temporal runs no such saga: it has ended meanwhile, its start is still on its way, or it was ended from outside. */
  async function whenNotRunning(
    { reason, requestId }: CancelRequest,
    answer: CancelAnswer,
    isRepeated: boolean,
  ): Promise<CancelAnswer> {
    const workflowId = answer.saga.id;
    const kept = await keepCancel(workflowId, { kind: 'cancel', reason, requestId });
    switch (kept.outcome) {
      case 'kept': {
        const { reason: how, advice } = kept.trouble;
        return { ...answer, waiting: { state: 'lost', reason: how, advice } };
      }
      case 'refused': {
        const { reason: how, advice } = kept.trouble;
        const what = `the workflow of ${workflowId} ended from outside (${how}), and nobody can tell whether it can still roll back`;
        throw new Problem('saga-lost', `${what}: the cancel is not kept. ${advice}`);
      }
      case 'over':
        if (isRepeated) return answer;
        throw over(workflowId);
      case 'notStarted':
        throw unavailable('the saga is not running yet; repeat the request');
      case 'unreachable':
        throw unavailable('Temporal does not answer at the moment; repeat the request');
    }
  }
}

function over(workflowId: string): Problem {
  return new Problem('saga-over', `${workflowId} is over: there is nothing left to cancel`);
}

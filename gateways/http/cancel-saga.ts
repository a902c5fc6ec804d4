import type { CancelRequest } from '../../workflows/contracts/saga.ts';
import type { IdempotentRequest, IdempotencyStore } from './idempotency.ts';
import { sagaLink, type Link } from './links.ts';
import type { HttpDeps } from './ports.ts';
import { Problem, unavailable } from './problem.ts';
import { findSaga } from './saga-detail.ts';

export interface CancelAnswer {
  readonly requestId: string;
  readonly saga: Link;
}

type Deps = Pick<HttpDeps, 'database' | 'workflows'> & { readonly idempotency: IdempotencyStore };

/**
 * Asks a saga to cancel. Whether it still can, the saga decides: past its pivot it answers with its own event.
 *
 * @throws Problem not-found, saga-over, unavailable
 */
export function createCancelSaga({ database, workflows, idempotency }: Deps) {
  return async function cancelSaga(
    workflowId: string,
    cancel: CancelRequest,
    request: IdempotentRequest | undefined,
  ): Promise<CancelAnswer> {
    const known = request && (await idempotency.find<CancelAnswer>(request));
    // Asked again, for nobody knows how far the first request came; the saga applies one request id once.
    if (known) return (await ask(workflowId, cancel)) ? known : await whenNotRunning(workflowId, known);

    if ((await findSaga(database, workflowId)).closedAt !== null) throw over(workflowId);
    const answer = { requestId: cancel.requestId, saga: sagaLink(workflowId) };
    if (request) await idempotency.remember(request, 202, answer);
    return (await ask(workflowId, cancel)) ? answer : await whenNotRunning(workflowId);
  };

  async function ask(workflowId: string, cancel: CancelRequest): Promise<boolean> {
    try {
      return await workflows.cancel(workflowId, cancel);
    } catch (cause) {
      throw unavailable('Temporal does not answer at the moment; repeat the request', cause);
    }
  }

  /** Temporal runs no such saga: it has ended meanwhile, or its start is still on its way. */
  async function whenNotRunning(workflowId: string, known?: CancelAnswer): Promise<CancelAnswer> {
    if ((await findSaga(database, workflowId)).closedAt === null) {
      throw unavailable('the saga is not running yet; repeat the request');
    }
    if (known) return known;
    throw over(workflowId);
  }
}

function over(workflowId: string): Problem {
  return new Problem('saga-over', `${workflowId} is over: there is nothing left to cancel`);
}

import { createHash } from 'node:crypto';
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  ServiceError,
  isGrpcServiceError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { RESOLVE_UPDATE, type Resolution, type Resolved } from '../../../contracts/saga.ts';
import { NotParked, SagaGone, WorkerSilent, type ResolveRequest } from '../../ports.ts';

/**
 * Sends an operator's word to a parked step, as a workflow update whose id says which parking it answers: `payment#1` the
 * first, `payment#2` the one after a retry that failed too. So two operators at once get one effect, and both get its answer;
 * one who comes too late gets the answer of the resolution that was faster.
 *
 * @returns what was done and by whom: the caller compares it with what was asked
 * @throws NotParked, SagaGone, WorkerSilent
 */
export async function resolveParked(
  client: Client,
  workflowId: string,
  { step, resolution, idempotencyKey }: ResolveRequest,
): Promise<Resolved> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const earlier = await resolutionsSoFar(handle, step);
    const updateId = idempotencyKey === undefined ? `${step}#${earlier.length + 1}` : keyedId(step, idempotencyKey);
    try {
      return await handle.executeUpdate<Resolved, [string, Resolution]>(RESOLVE_UPDATE, {
        args: [step, resolution],
        updateId,
      });
    } catch (error) {
      if (!isOver(error)) throw error;
      // Read anew: whoever was faster may have been so a moment ago.
      const last = (await resolutionsSoFar(handle, step)).at(-1);
      if (last === undefined) throw error;
      return await handle.getUpdateHandle<Resolved>(last).result();
    }
  } catch (error) {
    throw translate(error, step);
  }
}

/** Update ids of the resolutions that the saga accepted for this step, oldest first. Refused ones leave no trace. */
async function resolutionsSoFar(handle: WorkflowHandle, step: string): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .map((event) => event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId ?? '')
    .filter((updateId) => updateId.startsWith(`${step}#`));
}

/** The key itself stays out of the history: who knows what callers put into it. */
function keyedId(step: string, idempotencyKey: string): string {
  return `${step}#key-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}

/** The step was resolved, or the whole saga ended, between an earlier resolution and this one. */
function isOver(error: unknown): boolean {
  return error instanceof WorkflowUpdateFailedError || error instanceof WorkflowNotFoundError;
}

function translate(error: unknown, step: string): unknown {
  if (error instanceof WorkflowUpdateFailedError) return new NotParked(`step ${step} is not parked`, { cause: error });
  if (error instanceof WorkflowNotFoundError || isNotFound(error)) {
    return new SagaGone('the saga is not running', { cause: error });
  }
  const unanswered =
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    error instanceof ServiceError ||
    isGrpcServiceError(error);
  return unanswered ? new WorkerSilent('no worker answered in time', { cause: error }) : error;
}

/** gRPC's own, not worth a dependency: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const NOT_FOUND = 5;

/** Reading a history throws what gRPC says. */
function isNotFound(error: unknown): boolean {
  if (!isGrpcServiceError(error)) return false;
  const code: number = error.code;
  return code === NOT_FOUND;
}

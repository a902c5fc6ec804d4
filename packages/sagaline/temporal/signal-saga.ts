import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { FollowUp } from '../contracts/saga.ts';
import { CALL_TIMEOUT_MS } from './start-saga.ts';

/** `notFound`: no workflow of that id runs: not yet, or not any more. */
export type SignalResult = 'signalled' | 'notFound';

/** Brings a follow-up to a running saga, as the signal named like its event type. */
export function createSagaSignaller(client: Client) {
  return async function signalSaga(workflowId: string, followUp: FollowUp): Promise<SignalResult> {
    try {
      await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
        client.workflow.getHandle(workflowId).signal(followUp.type, followUp),
      );
      return 'signalled';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'notFound';
      throw error;
    }
  };
}

export type SagaSignaller = ReturnType<typeof createSagaSignaller>;

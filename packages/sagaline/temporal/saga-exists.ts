import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { CALL_TIMEOUT_MS } from './start-saga.ts';

/** Asks whether there is a workflow of an id, running or ended. */
export function createSagaLookup(client: Client) {
  return async function isStarted(workflowId: string): Promise<boolean> {
    try {
      await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => client.workflow.getHandle(workflowId).describe());
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}

import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { CANCEL_SIGNAL, JOURNEY_QUERY, type Journey } from '../../../contracts/saga.ts';
import type { Inspection, SagaWorkflows } from '../../ports.ts';
import { activityAttempts } from './activity-attempts.ts';
import { resolveParked } from './resolve-parked.ts';
import { taskProblemOf } from './task-problem.ts';

export interface SagaWorkflowsOptions {
  /** How long an answer may take, in ms. */
  readonly timeoutMs?: number;
  /** How long a worker may take to replay and answer a query, in ms. */
  readonly queryTimeoutMs?: number;
}

/** The sagas of one namespace, seen through a Temporal client. */
export function createSagaWorkflows(
  client: Client,
  { timeoutMs = 5_000, queryTimeoutMs = 2_000 }: SagaWorkflowsOptions = {},
): SagaWorkflows {
  const within = <T>(ms: number, call: () => Promise<T>) => client.withDeadline(Date.now() + ms, call);

  /** Undefined when no worker answers in time: a saga's journey is also on its row. */
  async function askJourney(workflowId: string, runId: string): Promise<Journey | undefined> {
    try {
      const handle = client.workflow.getHandle(workflowId, runId);
      return await within(queryTimeoutMs, () => handle.query<Journey>(JOURNEY_QUERY));
    } catch {
      return undefined;
    }
  }

  async function describe(workflowId: string, wantsJourney: boolean): Promise<Inspection> {
    const handle = client.workflow.getHandle(workflowId);
    const { runId, status, raw } = await handle.describe();
    const [history, journey] = await Promise.all([
      client.workflow.getHandle(workflowId, runId).fetchHistory(),
      wantsJourney ? askJourney(workflowId, runId) : undefined,
    ]);
    const activities = activityAttempts(history.events ?? [], raw.pendingActivities ?? []);
    const problem = status.name === 'RUNNING' ? taskProblemOf(raw, history.events ?? []) : undefined;
    return { known: 'yes', runId, status: status.name, journey, activities, problem };
  }

  return {
    async inspect(workflowId, { journey }) {
      try {
        return await within(timeoutMs, () => describe(workflowId, journey));
      } catch (error) {
        return { known: error instanceof WorkflowNotFoundError ? 'forgotten' : 'unreachable' };
      }
    },

    async cancel(workflowId, request) {
      try {
        await within(timeoutMs, () => client.workflow.getHandle(workflowId).signal(CANCEL_SIGNAL, request));
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    resolveParked: (workflowId, request) => within(timeoutMs, () => resolveParked(client, workflowId, request)),
  };
}

import { activityInfo } from '@temporalio/activity';

/** Tells which workflow an action belongs to, for the lineage of what it emits; undefined outside of Temporal. */
export type WorkflowId = () => string | undefined;

/** The workflow of the activity that runs right now. */
export function currentWorkflowId(): string | undefined {
  return activityInfo().workflowExecution?.workflowId;
}

/** Sagas whose code fails: they wait for a deploy, which does not come in a test. */
import proto from '@temporalio/proto';
import { setTimeout as delay } from 'node:timers/promises';
import { SagaStuck } from './problems.ts';
import type { FarEnd } from './far-end.ts';

/** One event of a workflow's history, as Temporal has it. */
export type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

/** What is looked at of a saga under test. */
interface Watched {
  readonly workflowId: string;
  readonly farEnd: FarEnd;
  history(): Promise<readonly HistoryEvent[]>;
}

const EVERY_MS = 1_000;

const { WorkflowTaskFailedCause: Cause } = proto.temporal.api.enums.v1;
/** Others are the server's own, such as a task that is done again because a signal came. */
const OURS: ReadonlySet<unknown> = new Set([
  Cause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
]);

/** Messages of the workflow tasks that its code failed. */
export function bugsIn(history: readonly HistoryEvent[]): string[] {
  return history.flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed && OURS.has(failed.cause) ? [failed.failure?.message ?? 'no message'] : [],
  );
}

/** Rejects when the saga's code has failed a workflow task; looks now and then, for nobody tells. */
export async function untilStuck(saga: Watched, over: AbortSignal): Promise<never> {
  while (!over.aborted) {
    await delay(EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    const [bug] = bugsIn(await saga.history().catch(() => []));
    if (bug !== undefined) throw new SagaStuck(adviceOn(saga, bug));
  }
  return await new Promise<never>(() => undefined);
}

function adviceOn({ workflowId, farEnd }: Watched, bug: string): string {
  const last = farEnd.calls.at(-1)?.step;
  const lines = [`${workflowId} does not go on, because its code failed: ${bug}.`];
  if (last !== undefined) {
    lines.push(
      `The last step that a participant was asked for is ${last}. If the code needs the participant's answer, say it: ` +
        `.where('${last}', (it) => it.succeeds({ … })), or for all tests sagaTests(…, { results: { '${last}': { … } } }).`,
    );
  }
  return lines.join(' ');
}

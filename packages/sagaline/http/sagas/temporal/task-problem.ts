import proto from '@temporalio/proto';
import { z } from 'zod';
import type { TaskProblem } from '../../ports.ts';

type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;
type Description = proto.temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;

/** Set by the server (1.29 and newer) on workflows whose tasks fail again and again; also found by list queries. */
export const REPORTED_PROBLEMS = 'TemporalReportedProblems';
/** What it has then; of a worker that is gone it has another category, or is not set at all. */
export const TASK_FAILED = 'category=WorkflowTaskFailed';
const CAUSE = /^cause=WorkflowTaskFailedCause(\w+)$/;

/** Where the server does not say it: so many attempts at one task are no accident any more. */
const MANY_ATTEMPTS = 3;

/** Why tasks fail while all is well: a signal came in between, somebody reset the workflow, a worker lost its cache. */
const HARMLESS: ReadonlySet<string> = new Set([
  'UNSPECIFIED',
  'UNHANDLED_COMMAND',
  'RESET_STICKY_TASK_QUEUE',
  'RESET_WORKFLOW',
  'FORCE_CLOSE_COMMAND',
  'FAILOVER_CLOSE_COMMAND',
]);

/**
 * Whether a workflow's task keeps failing, and why: a bug in its code, or code that does not fit its history. Undefined for one
 * that goes on, or whose worker is gone: there, nothing fails.
 */
export function taskProblemOf(
  { pendingWorkflowTask, workflowExecutionInfo }: Description,
  events: readonly HistoryEvent[],
) {
  const attempts = pendingWorkflowTask?.attempt ?? 0;
  const reported = reportedProblems(workflowExecutionInfo?.searchAttributes?.indexedFields);
  const failed = failedTask(events);
  if (reported.includes(TASK_FAILED)) {
    const cause = reported.map((one) => CAUSE.exec(one)?.[1]).find((one) => one !== undefined);
    return problem(cause ?? failed?.cause ?? 'unknown', attempts, failed?.message);
  }
  return failed && attempts >= MANY_ATTEMPTS ? problem(failed.cause, attempts, failed.message) : undefined;
}

function problem(cause: string, attempts: number, message: string | undefined): TaskProblem {
  return { cause, attempts, ...(message ? { message: message.slice(0, 500) } : {}) };
}

/** The last failure of a task after which none was completed. */
function failedTask(events: readonly HistoryEvent[]): { cause: string; message: string | undefined } | undefined {
  const completed = events.findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
  const failure = events.slice(completed + 1).findLast((event) => event.workflowTaskFailedEventAttributes);
  const { cause, failure: said } = failure?.workflowTaskFailedEventAttributes ?? {};
  const name = cause == null ? undefined : WorkflowTaskFailedCause[cause].replace('WORKFLOW_TASK_FAILED_CAUSE_', '');
  return name === undefined || HARMLESS.has(name)
    ? undefined
    : { cause: inOneWord(name), message: said?.message ?? undefined };
}

/** As the search attribute has it: `WorkflowWorkerUnhandledFailure`. */
const inOneWord = (name: string): string =>
  name.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase());

type Fields = NonNullable<NonNullable<Description['workflowExecutionInfo']>['searchAttributes']>['indexedFields'];

function reportedProblems(fields: Fields): readonly string[] {
  const data = fields?.[REPORTED_PROBLEMS]?.data;
  if (!data) return [];
  const list = z.array(z.string()).or(z.string().transform((one) => [one]));
  const parsed = list.safeParse(JSON.parse(Buffer.from(data).toString('utf8')));
  return parsed.success ? parsed.data : [];
}

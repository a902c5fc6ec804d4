/** Looks for sagas that do not go on by themselves, from time to time, so that somebody hears of them who did not ask. */
import type { Client } from '@temporalio/client';
import type { Database } from '../prisma/database.ts';
import { REPORTED_PROBLEMS, TASK_FAILED } from '../http/sagas/temporal/task-problem.ts';
import type { Logger } from '../ground/logger.ts';
import type { TroubleKind } from './trouble.ts';

const EVERY_MS = 15_000;
const CALL_TIMEOUT_MS = 10_000;
/** Told one by one; when there are more, something is wrong that one sees without. */
const MAX_TOLD = 500;
/** Workflows that ended otherwise than completed, the newest first: beyond them nobody looks. */
const MAX_ENDED = 1_000;

export interface WatchedTrouble {
  readonly kind: TroubleKind;
  readonly saga: string;
  readonly reason: string;
}

export interface SagaWatch {
  /** By workflow id, as of the last look. */
  troubled(): ReadonlyMap<string, WatchedTrouble>;
  /** Looks now; runs by itself from time to time. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export interface SagaWatchDeps {
  readonly client: Client;
  readonly database: Database;
  readonly taskQueue: string;
  readonly logger: Logger;
  /** Told after each look. */
  readonly onLook: (troubled: readonly WatchedTrouble[]) => void;
}

export function createSagaWatch({ client, database, taskQueue, logger, onLook }: SagaWatchDeps): SagaWatch {
  let troubled: ReadonlyMap<string, WatchedTrouble> = new Map();
  let running: Promise<void> | undefined;

  async function list(query: string, max: number) {
    const found: { workflowId: string; type: string; status: string; problems: readonly string[] }[] = [];
    await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, async () => {
      for await (const { workflowId, type, status, raw } of client.workflow.list({
        query,
        pageSize: Math.min(max, 200),
      })) {
        const data = raw.searchAttributes?.indexedFields?.[REPORTED_PROBLEMS]?.data;
        const problems = data ? (JSON.parse(Buffer.from(data).toString('utf8')) as string[]) : [];
        found.push({ workflowId, type, status: status.name, problems });
        if (found.length >= max) return;
      }
    });
    return found;
  }

  async function findStuck(): Promise<[string, WatchedTrouble][]> {
    const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running' AND ${REPORTED_PROBLEMS} = '${TASK_FAILED}'`;
    return (await list(query, MAX_TOLD)).map(({ workflowId, type, problems }) => {
      const reason = problems.map((one) => /^cause=WorkflowTaskFailedCause(\w+)$/.exec(one)?.[1]).find(Boolean);
      return [workflowId, { kind: 'stuck', saga: type, reason: reason ?? 'unknown' }];
    });
  }

  /** Our sagas end as Completed, whatever their outcome; whose row is open then, and which no later run goes on with, is lost. */
  async function findLost(): Promise<[string, WatchedTrouble][]> {
    const ended = await list(
      `TaskQueue = '${taskQueue}' AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed', 'Canceled')`,
      MAX_ENDED,
    );
    const ids = [...new Set(ended.map(({ workflowId }) => workflowId))];
    if (ids.length === 0) return [];
    const open = await database.saga.findMany({
      where: { workflowId: { in: ids }, closedAt: null },
      select: { workflowId: true, name: true },
      take: MAX_TOLD,
    });
    const lost: [string, WatchedTrouble][] = [];
    for (const { workflowId, name } of open) {
      const { status } = await client.workflow.getHandle(workflowId).describe();
      if (status.name !== 'RUNNING') lost.push([workflowId, { kind: 'lost', saga: name, reason: status.name }]);
    }
    return lost;
  }

  async function look(): Promise<void> {
    const found = new Map([...(await findStuck()), ...(await findLost())]);
    for (const [workflowId, { kind, reason }] of found) {
      if (troubled.get(workflowId)?.kind === kind) continue;
      if (kind === 'stuck') logger.error({ saga: workflowId, reason }, 'saga stuck: its workflow task keeps failing');
      else logger.error({ saga: workflowId, reason }, 'saga lost: its workflow ended from outside, without an outcome');
    }
    for (const [workflowId, { kind }] of troubled) {
      if (!found.has(workflowId)) logger.info({ saga: workflowId, was: kind }, 'saga goes on');
    }
    troubled = found;
    onLook([...found.values()]);
  }

  const timer = setInterval(() => {
    running ??= look()
      .catch((error: unknown) => logger.warn({ err: error }, 'sagas in trouble cannot be looked for at the moment'))
      .finally(() => (running = undefined));
  }, EVERY_MS);

  return {
    troubled: () => troubled,
    look,
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

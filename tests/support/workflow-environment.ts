/**
 * A Temporal server and a worker for one test file, all of whose sagas share them and run at the same time.
 *
 * Two kinds: the time-skipping server, where days pass while nothing is to be done, and the real dev server, for what only
 * a real server does.
 */
import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, type LogEntry } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { registerSearchAttributesOn } from '../../packages/sagaline/temporal/search-attributes.ts';
import { stepTimeInterceptor } from '../../packages/sagaline/temporal/step-time.ts';
import { isScriptedOutage } from './behaviours.ts';
import { createScriptedParticipants } from './scripted-participants.ts';
import { createTimeSkippingEnvironment } from './stack-time-skipping.ts';

export type ServerKind = 'time-skipping' | 'real';
export type WorkflowEnvironment = Awaited<ReturnType<typeof startWorkflowEnvironment>>;

export async function startWorkflowEnvironment(kind: ServerKind) {
  const logged = listenToLog();
  const server = kind === 'real' ? await createRealEnvironment() : await createTimeSkippingEnvironment();
  const taskQueue = `sagas-${randomUUID()}`;
  const participants = createScriptedParticipants();
  const worker = await Worker.create({
    connection: server.nativeConnection,
    taskQueue,
    workflowBundle: { codePath: inject('sagaBundle') },
    activities: participants.activities,
    interceptors: { activity: [stepTimeInterceptor({ isOurs: isScriptedOutage })] },
    maxHeartbeatThrottleInterval: '20 ms',
    defaultHeartbeatThrottleInterval: '20 ms',
    workflowThreadPoolSize: 1,
    shutdownForceTime: '1 second',
  });
  const running = worker.run();
  // Without this every test of the file would wait for its time to be over, and say nothing of why.
  const workerFailed = running.then(
    () => new Promise<never>(() => undefined),
    (error: unknown) => Promise.reject(new Error(`the worker failed: ${String(error)}`, { cause: error })),
  );
  workerFailed.catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  const { connection } = server;
  // The server starts with time standing still. Here it flows, so that sagas side by side need not agree on when.
  await connection.testService?.unlockTimeSkipping({});

  return {
    // Not the environment's own client, which stops the time of all whenever one result is in.
    client: new Client({ connection, ...(server.namespace ? { namespace: server.namespace } : {}) }),
    nativeConnection: server.nativeConnection,
    taskQueue,
    participants,
    /** Rejects when the worker ends with an error. */
    workerFailed,
    /** What workflows and worker logged as errors. */
    logged,
    /** Stops time from being skipped until the returned function is called; several may hold it at once. */
    async holdTime(): Promise<() => Promise<void>> {
      await connection.testService?.lockTimeSkipping({});
      return async () => {
        await connection.testService?.unlockTimeSkipping({});
      };
    },
    async close(): Promise<void> {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running.catch(() => undefined);
      await server.teardown();
    },
  };
}

/** Errors are kept for tests to look at, not printed: bugs are on purpose here, and each would print its failed task. */
const log: LogEntry[] = [];
let installed = false;

function listenToLog(): readonly LogEntry[] {
  if (installed) return log;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR', (entry) => void log.push(entry)),
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
  return log;
}

async function createRealEnvironment(): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: inject('temporalCli') },
      log: { format: 'pretty', level: 'error' },
    },
  });
  await registerSearchAttributesOn(environment.connection, environment.namespace ?? 'default');
  return environment;
}

/**
 * A Temporal server and a worker for one test file, all of whose sagas share them and run at the same time.
 *
 * Two kinds: the time-skipping server, where days pass while nothing is to be done, and the real dev server, for what only
 * a real server does.
 */
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { registerSearchAttributesOn } from '../temporal/search-attributes.ts';
import { stepTimeInterceptor } from '../temporal/step-time.ts';
import { ensureTemporal } from '../dev/tools/index.ts';
import { isScriptedOutage } from './behaviours.ts';
import type { SagaBundle } from './bundle-cache.ts';
import { quietRuntime } from './quiet-runtime.ts';
import { createScriptedParticipants, type Results } from './scripted-participants.ts';
import { temporalTesting } from './temporal-testing.ts';
import { createTimeSkippingEnvironment } from './time-skipping.ts';

/** `real`: Temporal's dev server, where time is time. `time-skipping`: days pass while nothing is to be done. */
export type ServerKind = 'time-skipping' | 'real';
export type WorkflowEnvironment = Awaited<ReturnType<typeof startWorkflowEnvironment>>;

export interface EnvironmentOptions {
  readonly bundle: () => Promise<SagaBundle>;
  readonly results?: Results | undefined;
}

export async function startWorkflowEnvironment(kind: ServerKind, { bundle, results }: EnvironmentOptions) {
  const logged = quietRuntime();
  const [{ code }, tools] = await Promise.all([bundle(), ensureTemporal()]);
  const server = await (kind === 'real'
    ? createRealEnvironment(tools.cli)
    : createTimeSkippingEnvironment(tools.testServer));
  const taskQueue = `sagas-${randomUUID()}`;
  const participants = createScriptedParticipants(results);
  const worker = await Worker.create({
    connection: server.nativeConnection,
    taskQueue,
    workflowBundle: { code },
    activities: participants.activities,
    interceptors: { activity: [participants.interceptor, stepTimeInterceptor({ isOurs: isScriptedOutage })] },
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
  const closing = new AbortController();
  const stopping: AbortSignal = closing.signal;
  // Every saga that runs listens.
  setMaxListeners(0, stopping);
  workerFailed.catch((error: unknown) => {
    // One that is stopped in the middle of what a test left hanging complains of that.
    if (!closing.signal.aborted) process.stderr.write(`${String(error)}\n`);
  });
  const { connection } = server;
  // The server starts with time standing still. Here it flows, so that sagas side by side need not agree on when.
  await connection.testService?.unlockTimeSkipping({});

  async function stop(): Promise<void> {
    closing.abort();
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running.catch(() => undefined);
    await server.teardown();
  }
  let stopped: Promise<void> | undefined;

  return {
    kind,
    // Not the environment's own client, which stops the time of all whenever one result is in.
    client: new Client({ connection, ...(server.namespace ? { namespace: server.namespace } : {}) }),
    nativeConnection: server.nativeConnection,
    taskQueue,
    participants,
    /** The bundle that the worker runs. */
    code,
    /** Rejects when the worker ends with an error. */
    workerFailed,
    /** Aborted when all this ends: what waits on the server must not outlive it. */
    closing: stopping,
    /** What workflows and worker logged as errors. */
    logged,
    /** Stops time from being skipped until the returned function is called; several may hold it at once. */
    async holdTime(): Promise<() => Promise<void>> {
      await connection.testService?.lockTimeSkipping({});
      return async () => {
        await connection.testService?.unlockTimeSkipping({});
      };
    },
    close: (): Promise<void> => (stopped ??= stop()),
  };
}

async function createRealEnvironment(cli: string): Promise<TestWorkflowEnvironment> {
  const { TestWorkflowEnvironment } = await temporalTesting();
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: cli }, log: { format: 'pretty', level: 'error' } },
  });
  await registerSearchAttributesOn(environment.connection, environment.namespace ?? 'default');
  return environment;
}

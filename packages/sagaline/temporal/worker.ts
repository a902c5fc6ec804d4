import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Config } from '../config/config.ts';
import type { Part } from '../ground/lifecycle.ts';
import { connectionOptionsOf } from './connect.ts';
import { createDataConverter } from './data-converter.ts';
import { stepTimeInterceptor } from './step-time.ts';

/**
 * How long one activation of a workflow may take, by the wall's clock; 5 s unless told, and not among the SDK's documented
 * options. A worker that is frozen for longer than that in the middle of one can crash on waking
 * (temporalio/sdk-typescript#939): machines and containers are frozen for seconds, and ours are small.
 */
const ISOLATE = { isolateExecutionTimeout: '1 minute' };

/** The connection that a worker needs; a client on the same one may start workflows eagerly. */
export function connectNative(config: Config['temporal']): Promise<NativeConnection> {
  return NativeConnection.connect(connectionOptionsOf(config));
}

export interface SagaWorkerOptions {
  readonly config: Pick<Config, 'temporal' | 'worker' | 'shutdownTimeoutMs'>;
  readonly connection: NativeConnection;
  /** By activity type. */
  readonly activities: object;
  readonly bundle: WorkflowBundleOption;
  readonly dataConverter?: DataConverter;
}

/**
 * Creates the worker of our task queue and lets it run. Closing lets activities in hand end for half of the shutdown time,
 * then cancels them: Temporal hands them to another worker, and their idempotency keys make that safe.
 */
export async function runSagaWorker(options: SagaWorkerOptions): Promise<Part & { isRunning(): boolean }> {
  const { config, connection, activities, bundle, dataConverter = createDataConverter() } = options;
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: config.temporal.taskQueue,
    workflowBundle: bundle,
    activities,
    dataConverter,
    interceptors: { activity: [stepTimeInterceptor()] },
    // Attempts that take long say once a second that they live.
    maxHeartbeatThrottleInterval: '1 second',
    ...ISOLATE,
    // A cache without a cap runs out of memory, and takes every saga in it along (temporalio/sdk-typescript#2227).
    maxCachedWorkflows: config.worker.maxCachedWorkflows,
    // Participants wait for the network; workflow tasks want the processor, of which two cores have little.
    maxConcurrentActivityTaskExecutions: config.worker.maxConcurrentActivities,
    maxConcurrentLocalActivityExecutions: config.worker.maxConcurrentActivities,
    maxConcurrentWorkflowTaskExecutions: 40,
    workflowThreadPoolSize: 1,
    shutdownGraceTime: Math.floor(config.shutdownTimeoutMs / 2),
    shutdownForceTime: Math.floor((config.shutdownTimeoutMs * 3) / 4),
  });
  const running = worker.run();
  return {
    name: 'worker',
    isRunning: () => worker.getState() === 'RUNNING',
    failed: running.then(() => new Promise<never>(() => undefined)),
    async close() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    },
  };
}

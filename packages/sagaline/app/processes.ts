/** How each kind of process starts, and in which order it is drained. */
import type { Lifecycle } from '../ground/lifecycle.ts';
import { startConsumer, startHttp, startRelay } from '../process/gateway-parts.ts';
import { startHealth } from '../process/health-part.ts';
import { openKafka, openProcess, openTemporal } from '../process/open.ts';
import { startProjections } from '../process/pipeline-part.ts';
import { openNativeConnection, startWorker } from '../process/worker-part.ts';
import { installRuntime } from '../temporal/runtime.ts';
import type { App } from './define-app.ts';
import type { Role } from './roles.ts';

type Start = (app: App, environment: NodeJS.ProcessEnv) => Promise<{ readonly lifecycle: Lifecycle }>;

export const PROCESSES: Readonly<Record<Role, Start>> = {
  async gateway(app, environment) {
    const gateway = await openProcess(app, 'gateway', environment);
    const { gatewayParts } = gateway.config;
    const started = gatewayParts.has('http') ? undefined : await startHealth(gateway);
    const kafka = await openKafka(gateway);
    const temporal = await openTemporal(gateway);

    // Drained in reverse: nothing new comes in while what is in hand still goes out.
    if (gatewayParts.has('relay')) await startRelay(gateway, kafka);
    if (gatewayParts.has('consumer')) await startConsumer(gateway, kafka, temporal);
    if (gatewayParts.has('http')) await startHttp(gateway, kafka, temporal);
    started?.();
    gateway.logger.info({ parts: [...gatewayParts] }, 'the gateway runs');
    return gateway;
  },

  async worker(app, environment) {
    const worker = await openProcess(app, 'worker', environment);
    installRuntime(worker.logger);
    const started = await startHealth(worker);
    const connection = await openNativeConnection(worker);
    // For readiness alone: the worker itself waits for a server that is gone, however long that takes.
    await openTemporal(worker, connection);
    await startWorker(worker, connection);
    started();
    return worker;
  },

  async pipeline(app, environment) {
    const pipeline = await openProcess(app, 'pipeline', environment);
    const started = await startHealth(pipeline);
    const kafka = await openKafka(pipeline);
    await startProjections(pipeline, kafka);
    started();
    return pipeline;
  },

  /** On one Temporal connection: so workflows start eagerly, with the lowest latency. */
  async 'all-in-one'(app, environment) {
    const all = await openProcess(app, 'all-in-one', environment);
    installRuntime(all.logger);
    const kafka = await openKafka(all);
    const connection = await openNativeConnection(all);
    const temporal = await openTemporal(all, connection);

    // Drained in reverse: first nothing new comes in, then sagas pause, then the relay publishes what they said.
    await startRelay(all, kafka);
    await startWorker(all, connection);
    await startConsumer(all, kafka, temporal);
    await startHttp(all, kafka, temporal);
    all.logger.info('everything runs');
    return all;
  },
};

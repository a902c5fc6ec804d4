/** Gateway and worker in one process, on one Temporal connection: so workflows start eagerly, with the lowest latency. */
import { runMain } from './lifecycle.ts';
import { startConsumer, startHttp, startRelay } from './process/gateway-parts.ts';
import { openKafka, openProcess, openTemporal } from './process/open.ts';
import { openNativeConnection, startWorker } from './process/worker-part.ts';
import { installRuntime } from './temporal/runtime.ts';

await runMain(async () => {
  const all = await openProcess('all-in-one', process.env);
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
});

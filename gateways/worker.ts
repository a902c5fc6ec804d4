/** The worker process: runs sagas and their participants. Any number of copies may run. */
import { runMain } from './lifecycle.ts';
import { startHealth } from './process/health-part.ts';
import { openProcess, openTemporal } from './process/open.ts';
import { openNativeConnection, startWorker } from './process/worker-part.ts';
import { installRuntime } from './temporal/runtime.ts';

await runMain(async () => {
  const worker = await openProcess('worker', process.env);
  installRuntime(worker.logger);
  const started = await startHealth(worker);
  const connection = await openNativeConnection(worker);
  // For readiness alone: the worker itself waits for a server that is gone, however long that takes.
  await openTemporal(worker, connection);
  await startWorker(worker, connection);
  started();
});

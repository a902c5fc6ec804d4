/** The worker process: runs sagas and their participants. Any number of copies may run. */
import { runMain } from './lifecycle.ts';
import { openProcess } from './process/open.ts';
import { openNativeConnection, startWorker } from './process/worker-part.ts';
import { installRuntime } from './temporal/runtime.ts';

await runMain(async () => {
  const worker = await openProcess('worker', process.env);
  installRuntime(worker.logger);
  const connection = await openNativeConnection(worker);
  await startWorker(worker, connection);
});

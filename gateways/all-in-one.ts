/** Gateway and worker in one process, on one Temporal connection: so workflows start eagerly, with the lowest latency. */
import { run } from 'sagaline';
import { app } from '../app.ts';

await run(app, ['all-in-one', ...process.argv.slice(2)]);

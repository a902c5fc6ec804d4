/** The worker process: runs sagas and their participants. Any number of copies may run. */
import { run } from 'sagaline';
import { app } from '../app.ts';

await run(app, ['worker', ...process.argv.slice(2)]);

/** The worker process: runs sagas and their participants. Any number of copies may run. */
import { app } from '../app.ts';
import { run } from './app/run.ts';

await run(app, ['worker', ...process.argv.slice(2)]);

/** The pipeline process: turns events into views. Any number of copies may run; `PIPELINE_PROJECTIONS` names some of the views. */
import { run } from 'sagaline';
import { app } from '../app.ts';

await run(app, ['pipeline', ...process.argv.slice(2)]);

/** The gateway process: HTTP, consumer and relay, or those of them that `--only http,consumer,relay` names. */
import { run } from 'sagaline';
import { app } from '../app.ts';

await run(app, ['gateway', ...process.argv.slice(2)]);

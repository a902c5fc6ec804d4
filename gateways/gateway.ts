/** The gateway process: HTTP, consumer and relay, or those of them that `--only http,consumer,relay` names. */
import { app } from '../app.ts';
import { run } from './app/run.ts';

await run(app, ['gateway', ...process.argv.slice(2)]);

/** npm run saga -- archive … | dead-letters … | outbox … | projection … | replay <topic>: the operator's command line. */
import { app } from '../../app.ts';
import { run } from '../app/run.ts';

await run(app, ['saga', ...process.argv.slice(2)]);

/** npm run saga -- archive … | dead-letters … | outbox … | projection … | replay <topic>: the operator's command line. */
import { run } from 'sagaline';
import { app } from '../app.ts';

await run(app, ['saga', ...process.argv.slice(2)]);

/**
 * Brings the servers to this version: tables, topics, search attributes. `--only database,topics` for some of them, where
 * others are somebody else's to make.
 */
import { run } from 'sagaline';
import { app } from '../app.ts';

await run(app, ['migrate', ...process.argv.slice(2)]);

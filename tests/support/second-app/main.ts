/** `main.ts migrate | all-in-one | pipeline | saga …`: all of it that is not the engine's stands in this folder. */
import { run } from '../../../gateways/app/run.ts';
import { app } from './app.ts';

await run(app);

/** `main.ts migrate | all-in-one | pipeline | saga …`: all of it that is not the engine's stands in this folder. */
import { run } from 'sagaline';
import { app } from './app.ts';

await run(app);

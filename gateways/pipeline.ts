/** The pipeline process: turns events into views. Any number of copies may run; `PIPELINE_PROJECTIONS` names some of the views. */
import { runMain } from './lifecycle.ts';
import { startHealth } from './process/health-part.ts';
import { openKafka, openProcess } from './process/open.ts';
import { startProjections } from './process/pipeline-part.ts';

await runMain(async () => {
  const pipeline = await openProcess('pipeline', process.env);
  const started = await startHealth(pipeline);
  const kafka = await openKafka(pipeline);
  await startProjections(pipeline, kafka);
  started();
});

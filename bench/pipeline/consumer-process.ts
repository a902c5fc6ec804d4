/**
 * A process of its own that catches up, and says how long it took: `bare`, or a projection's name. It runs what the pipeline
 * process runs, for one projection.
 */
import { app } from '../../app.ts';
import { readConfig } from '../../packages/sagaline/config/config.ts';
import { createKafka } from '../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { createLogger } from '../../packages/sagaline/ground/logger.ts';
import { openProcess } from '../../packages/sagaline/process/open.ts';
import { createArchiveEffects } from '../../packages/sagaline/process/archive-effects.ts';
import { startPipeline } from '../../packages/sagaline/pipeline/pipeline.ts';
import { createProjections } from '../../packages/sagaline/pipeline/projections.ts';
import { runBareConsumer } from './bare-consumer.ts';
import { recordsOn } from './fill.ts';
import type { CaughtUp } from './catch-up.ts';

const [name = 'bare', topicList = ''] = process.argv.slice(2);

if (name === 'bare') await catchUpBare(topicList.split(','));
else await catchUp(name);

async function catchUpBare(topics: string[]): Promise<void> {
  const { kafka, database } = readConfig(process.env, { servesApi: false });
  const records = await recordsOn(createKafka(kafka, createLogger({ name: 'bare', level: 'warn' })), topics);
  const onInserted = count(records);
  await runBareConsumer({ ...kafka, brokers: [...kafka.brokers], databaseUrl: database.url, topics, onInserted });
}

async function catchUp(projectionName: string): Promise<void> {
  const host = await openProcess(app, 'pipeline', process.env);
  const kafka = createKafka(host.config.kafka, host.logger);
  const producer = await kafka.createProducer();
  const archiveEffects = createArchiveEffects({ ...host, producer, observer: host.metrics.archive });
  const projection = createProjections({ ...host, archiveEffects }).find((one) => one.name === projectionName);
  if (!projection) throw new Error(`there is no projection ${projectionName}`);
  const applied = count(await recordsOn(kafka, projection.topics));
  const observer = {
    ...host.metrics.pipeline,
    applied: (_: string, records: number, durationMs: number) => applied(records, durationMs),
  };
  await startPipeline({ ...host, projections: [projection], kafka, observer });
}

/** The clock begins with the first records, not with the process: group and schema take their time once. */
function count(expected: number): (records: number, durationMs: number) => void {
  let seen = 0;
  let began: number | undefined;
  const cpuBefore = process.cpuUsage();
  return (records, durationMs) => {
    seen += records;
    began ??= performance.now() - durationMs;
    if (seen < expected) return;
    const { user, system } = process.cpuUsage(cpuBefore);
    const caughtUp: CaughtUp = { records: seen, ms: performance.now() - began, cpuMs: (user + system) / 1000 };
    process.send?.(caughtUp);
  };
}

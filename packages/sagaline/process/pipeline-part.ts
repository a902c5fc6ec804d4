/** The projections of a process. */
import type { Kafka } from '../kafka/port.ts';
import { loadReplaySeal } from '../replay/replay-seal.ts';
import { CannotStart } from '../ground/lifecycle.ts';
import { startPipeline } from '../pipeline/pipeline.ts';
import { createProjections } from '../pipeline/projections.ts';
import { createArchiveEffects } from './archive-effects.ts';
import type { Process } from './open.ts';

/**
 * Turns events into views, all of them or those that PIPELINE_PROJECTIONS names.
 *
 * @throws CannotStart when a name is unknown
 */
export async function startProjections(host: Process, kafka: Kafka): Promise<void> {
  const { config, lifecycle, metrics, readiness } = host;
  const producer = await kafka.createProducer();
  lifecycle.add({ name: 'pipeline producer', close: () => producer.close() });
  const archiveEffects = createArchiveEffects({ ...host, producer, observer: metrics.archive });
  const all = createProjections({ ...host, archiveEffects });
  const wanted = config.pipeline.projections ?? all.map(({ name }) => name);
  const unknown = wanted.filter((name) => !all.some((projection) => projection.name === name));
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(', ');
    throw new CannotStart(`PIPELINE_PROJECTIONS: there is no projection ${unknown.join(', ')}; there are ${known}`);
  }
  const logger = host.logger.child({ part: 'pipeline' });
  const projections = all.filter(({ name }) => wanted.includes(name));
  const seal = await loadReplaySeal(host.database);
  const pipeline = await startPipeline({ ...host, projections, seal, kafka, logger, observer: metrics.pipeline });
  lifecycle.add({ name: 'pipeline', close: () => pipeline.close() });
  for (const [name, isReady] of Object.entries(pipeline.isReady)) {
    readiness[`projection ${name}`] = () => ({ ok: isReady() });
  }
  logger.info({ projections: wanted }, 'the projections run');
}

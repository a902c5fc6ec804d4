/** The parts of a gateway: each starts by itself, says whether it works, and is drained in its turn. */
import { createHttpApp } from '../http/app.ts';
import { ownParts } from '../http/own-parts.ts';
import { startHttpServer } from '../http/server.ts';
import { createSagaWorkflows } from '../http/sagas/temporal/saga-workflows.ts';
import { GroupTopicsDiffer, TopicsMissing } from '../kafka/errors.ts';
import { createIngest } from '../ingest/ingest.ts';
import type { Kafka } from '../kafka/port.ts';
import { createLiveFeed } from '../live/live-feed.ts';
import { CannotStart } from '../ground/lifecycle.ts';
import { createPostgresReader } from '../pipeline/search/postgresql/read.ts';
import { createRelay } from '../relay/create-relay.ts';
import { createSagaWatch } from '../sagas/watch.ts';
import type { TemporalClient } from '../temporal/connect.ts';
import { BOUNDS } from '../prisma/connection.ts';
import { createDatabase } from '../prisma/database.ts';
import type { Process } from './open.ts';

/** A read that takes longer is not worth its while: it holds up the others. */
const READ_MS = 10_000;

/** Carries the outbox to Kafka. */
export async function startRelay(host: Process, kafka: Kafka): Promise<void> {
  const { config, lifecycle, metrics, failpoint, readiness } = host;
  const producer = await kafka.createProducer();
  lifecycle.add({ name: 'relay producer', close: () => producer.close() });
  const logger = host.logger.child({ part: 'relay' });
  const relay = createRelay({
    databaseUrl: config.database.url,
    producer,
    failpoint,
    logger,
    observer: metrics.relay,
  });
  lifecycle.add({ name: 'relay', close: () => relay.close() });
  readiness['relay'] = () => relay.state();
}

/**
 * Brings events from Kafka to their sagas.
 *
 * @throws CannotStart when topics are missing, or the group reads others
 */
export async function startConsumer(host: Process, kafka: Kafka, temporal: TemporalClient): Promise<void> {
  const { lifecycle, metrics, readiness } = host;
  const logger = host.logger.child({ part: 'ingest' });
  try {
    const ingest = await createIngest({ ...host, kafka, temporal, logger, observer: metrics.ingest });
    lifecycle.add({ name: 'consumer', close: () => ingest.close(), failed: ingest.failed });
    readiness['consumer'] = () => ({ ok: ingest.isReady() });
  } catch (error) {
    const inWords = error instanceof TopicsMissing || error instanceof GroupTopicsDiffer;
    throw inWords ? new CannotStart(error.message, { cause: error }) : error;
  }
}

/** Answers HTTP, once everything else runs. */
export async function startHttp(host: Process, kafka: Kafka, temporal: TemporalClient): Promise<void> {
  const { config, lifecycle, metrics, readiness } = host;
  const own = ownParts(host.app, config);
  const producer = await kafka.createProducer();
  lifecycle.add({ name: 'http producer', close: () => producer.close() });
  readiness['producer'] = () => ({ ok: producer.isReady() });
  const logger = host.logger.child({ part: 'http' });
  const live = await createLiveFeed({ database: host.database, databaseUrl: config.database.url, logger });
  const reads = createDatabase({
    ...config.database,
    poolSize: config.http.maxReads,
    applicationName: 'sagaline-reads',
    bounds: { ...BOUNDS.ordinary, statementMs: READ_MS },
  });
  lifecycle.add({ name: 'reads', close: () => reads.$disconnect() });
  const { uiUrl: url, namespace } = config.temporal;
  const watch = createSagaWatch({
    client: temporal.client,
    database: host.database,
    taskQueue: config.temporal.taskQueue,
    logger,
    onLook: (troubled) => metrics.sagas.looked(troubled),
  });
  lifecycle.add({ name: 'saga watch', close: () => watch.close() });
  const app = createHttpApp({
    ...host,
    troubled: () => watch.troubled(),
    producer,
    live,
    reads,
    search: host.app.search.createReader(config, createPostgresReader(reads)),
    workflows: createSagaWorkflows(temporal.client),
    observer: metrics.http,
    logger,
    options: { ...config.http, temporalUi: { url, namespace } },
    own,
  });
  const server = await startHttpServer(app.fetch, config.http);
  lifecycle.add({ name: 'http', close: () => server.close() });
  // Closed first: its readers' answers would never end by themselves.
  lifecycle.add({ name: 'live feed', close: () => live.close() });
  logger.info({ url: server.url }, `listening on ${server.url}`);
}

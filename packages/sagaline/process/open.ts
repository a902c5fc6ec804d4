/** What every process opens first: configuration, log, database, and the way to Kafka and Temporal. */
import { createFailpoint, type Failpoint } from '../ground/failpoints.ts';
import { createDatabase, type Database } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import { declarationsOf, type App } from '../app/define-app.ts';
import { readConfig, type Config } from '../config/config.ts';
import type { ReadinessCheck } from '../http/ports.ts';
import { oneAtATime } from '../http/operations/readiness.ts';
import { createKafka } from '../kafka/kafkajs/create-kafka.ts';
import type { Kafka } from '../kafka/port.ts';
import { createRoutes, type Routes } from '../dispatch/dispatch.ts';
import { keepTidy } from '../live/keep-tidy.ts';
import { CannotStart, createLifecycle, type Lifecycle } from '../ground/lifecycle.ts';
import { createLogger, type Logger } from '../ground/logger.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { checkSagaSettings } from '../config/saga-settings.ts';
import { findSagas } from '../sagas/find-sagas.ts';
import { connectTemporal, type TemporalClient, type TemporalClientOptions } from '../temporal/connect.ts';
import { catalogueOf } from './catalogue.ts';
import { checkSchema } from './check-schema.ts';

/** A process that has been opened, and what its parts share. */
export interface Process {
  readonly app: App;
  readonly config: Config;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly database: Database;
  readonly metrics: Metrics;
  readonly failpoint: Failpoint;
  readonly routes: Routes;
  readonly catalogue: Catalogue;
  /** Each part adds its own check. */
  readonly readiness: Record<string, ReadinessCheck>;
}

/** Processes that never serve the HTTP API: they need no API keys on any address. */
const WITHOUT_API: ReadonlySet<string> = new Set(['worker', 'pipeline']);

/** @throws InvalidConfiguration, CannotStart */
export async function openProcess(app: App, name: string, environment: NodeJS.ProcessEnv): Promise<Process> {
  const config = readConfig(environment, { servesApi: !WITHOUT_API.has(name), declared: declarationsOf(app) });
  const sagas = await findSagas(app.sagas);
  checkSagaSettings(config.ingest.sagaSettings, sagas);
  // What contradicts itself is told before anything is opened.
  const routes = createRoutes(sagas);
  const catalogue = catalogueOf(app, sagas);
  const logger = createLogger({ name, level: config.logLevel });
  const lifecycle = createLifecycle({ logger, shutdownTimeoutMs: config.shutdownTimeoutMs });
  const database = createDatabase({
    ...config.database,
    applicationName: `sagaline-${name}`,
    onError: (error) => logger.warn({ err: error }, 'a database connection broke, and is replaced'),
  });
  lifecycle.add({ name: 'database', close: () => database.$disconnect() });
  await checkSchema(database, app);
  const tidy = keepTidy(database, logger);
  lifecycle.add({ name: 'housekeeping', close: () => tidy.close() });
  const readiness: Record<string, ReadinessCheck> = {
    process: () => (lifecycle.isStopping() ? { ok: false, detail: 'is stopping' } : { ok: true }),
    database: oneAtATime(async () => {
      await database.$queryRaw`SELECT 1`;
      return { ok: true };
    }),
  };
  return {
    app,
    config,
    logger,
    lifecycle,
    database,
    metrics: createMetrics(database),
    failpoint: createFailpoint(config.failpoints),
    routes,
    catalogue,
    readiness,
  };
}

/** @throws CannotStart when no broker answers */
export async function openKafka({ config, logger }: Process): Promise<Kafka> {
  const kafka = createKafka(config.kafka, logger);
  await orCannotStart(`Kafka at ${config.kafka.brokers.join(', ')} does not answer (KAFKA_BROKERS)`, kafka.ping());
  return kafka;
}

/** @throws CannotStart when no server answers */
export async function openTemporal(
  { config, lifecycle, readiness }: Process,
  connection?: TemporalClientOptions['connection'],
): Promise<TemporalClient> {
  const temporal = await orCannotStart(
    `Temporal at ${config.temporal.address} does not answer (TEMPORAL_ADDRESS)`,
    connectTemporal({ config: config.temporal, ...(connection ? { connection } : {}) }),
  );
  lifecycle.add({ name: 'temporal client', close: () => temporal.close() });
  readiness['temporal'] = async () => {
    await temporal.ping();
    return { ok: true };
  };
  return temporal;
}

/** Says in words what is wrong with the world; the cause's own message is added, for it names the detail. */
export async function orCannotStart<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new CannotStart(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

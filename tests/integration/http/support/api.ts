/** The HTTP app on real servers: its own database, the shared Kafka and Temporal. */
import { inject } from 'vitest';
import { createFailpoint } from '../../../../packages/sagaline/ground/failpoints.ts';
import { readConfig } from '../../../../packages/sagaline/config/config.ts';
import { createHttpApp } from '../../../../packages/sagaline/http/app.ts';
import { createSagaWorkflows } from '../../../../packages/sagaline/http/sagas/temporal/saga-workflows.ts';
import { createMetrics } from '../../../../packages/sagaline/process/metrics/metrics.ts';
import { connectTemporal } from '../../../../packages/sagaline/temporal/connect.ts';
import { createDatabase, type Database } from '../../../../packages/sagaline/prisma/database.ts';
import { connectKafka, silent } from '../../../support/kafka.ts';
import { createTestDatabase, testEnvironment } from '../../../support/stack.ts';
import { catalogue, own, routes } from '../../../support/reference.ts';

export type Api = Awaited<ReturnType<typeof createApi>>;

export async function createApi() {
  const scratch = await createTestDatabase();
  const config = readConfig(testEnvironment({ DATABASE_URL: scratch.url }));
  const database = createDatabase(config.database);
  const reads = createDatabase({ ...config.database, poolSize: config.http.maxReads });
  const kafka = connectKafka();
  const [producer, temporal] = await Promise.all([
    kafka.createProducer(),
    connectTemporal({ config: config.temporal }),
  ]);
  const metrics = createMetrics(database);
  const { uiUrl: url, namespace } = config.temporal;
  const deps = {
    database,
    reads,
    producer,
    routes,
    own: own(),
    catalogue,
    workflows: createSagaWorkflows(temporal.client),
    readiness: {},
    observer: metrics.http,
    metrics,
    logger: silent,
    failpoint: createFailpoint([]),
    options: { ...config.http, temporalUi: { url, namespace } },
  };
  const app = createHttpApp(deps);

  return {
    app,
    deps,
    database,
    databaseUrl: scratch.url,
    kafka,
    uiUrl: inject('stack').temporalUiUrl,
    get: async (path: string) => await app.request(path),
    post: async (path: string, body: unknown, headers: Record<string, string> = {}) =>
      await app.request(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', ...headers },
      }),
    async close() {
      await Promise.all([producer.close(), temporal.close(), database.$disconnect(), reads.$disconnect()]);
      await scratch.close();
    },
  };
}

/** A saga's row, as ingest writes it; say only what the test is about. */
export function sagaRow(sagaId: string, row: Partial<Parameters<Database['saga']['create']>[0]['data']> = {}) {
  return {
    workflowId: `orderSaga:${sagaId}`,
    name: 'orderSaga',
    sagaId,
    state: 'running',
    eventId: `key:order.created:${sagaId}`,
    payloadHash: 'a'.repeat(64),
    topic: 'order.created',
    partition: 1,
    offset: 42n,
    ...row,
  };
}

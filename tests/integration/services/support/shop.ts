/** The two services behind the HTTP app, the relay and ingest, all on real servers, with topics that no other test reads. */
import { createHttpApp } from '../../../../packages/sagaline/http/app.ts';
import { createSagaWorkflows } from '../../../../packages/sagaline/http/sagas/temporal/saga-workflows.ts';
import { createMetrics } from '../../../../packages/sagaline/process/metrics/metrics.ts';
import { createRelay } from '../../../../packages/sagaline/relay/create-relay.ts';
import { silent } from '../../../support/kafka.ts';
import { own } from '../../../support/reference.ts';
import { createWorld } from '../../ingest/support/world.ts';

export type Shop = Awaited<ReturnType<typeof createShop>>;

export async function createShop() {
  const world = await createWorld();
  const { config, database, temporal, kafka } = world;
  const [httpProducer, relayProducer] = await Promise.all([kafka.createProducer(), kafka.createProducer()]);
  const relay = createRelay({
    ...{ databaseUrl: config.database.url, producer: relayProducer, failpoint: () => undefined, logger: silent },
  });
  const metrics = createMetrics(database);
  const { uiUrl: url, namespace } = config.temporal;
  const app = createHttpApp({
    ...world.deps,
    producer: httpProducer,
    workflows: createSagaWorkflows(temporal.client),
    readiness: {},
    observer: metrics.http,
    metrics,
    options: { ...config.http, temporalUi: { url, namespace } },
    own: own(),
  });

  return {
    ...world,
    get: async (path: string) => await app.request(path),
    post: async (path: string, body: unknown, headers: Record<string, string> = {}) =>
      await app.request(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', ...headers },
      }),
    async close() {
      await relay.close();
      await Promise.all([httpProducer.close(), relayProducer.close()]);
      await world.close();
    },
  };
}

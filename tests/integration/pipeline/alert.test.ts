/** From two hundred log lines to one mail: Kafka, projection, outbox, relay, Kafka, ingest, saga, participant, SMTP. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createIngest, type Ingest } from '../../../packages/sagaline/ingest/ingest.ts';
import { createRoutes } from '../../../packages/sagaline/dispatch/dispatch.ts';
import { logs } from '../../../gateways/pipeline/logs/projection.ts';
import { createRelay, type Relay } from '../../../packages/sagaline/relay/create-relay.ts';
import { createDatabase, type Database } from '../../../packages/sagaline/prisma/database.ts';
import { fetchJson } from '../../../packages/sagaline/dev/fetch-json.ts';
import { alertSaga } from '../../../workflows/alert.saga.ts';
import { openServers, type Servers } from '../../replay/corpus/servers.ts';
import { collect, eventually, silent, textOf } from '../../support/kafka.ts';
import { catalogue, readAppConfig } from '../../support/reference.ts';
import { testEnvironment } from '../../support/stack.ts';
import { quietObserver } from '../ingest/support/quiet-observer.ts';
import { createPipelineWorld, type PipelineWorld } from './support/world.ts';

const operators = `operators-${randomUUID()}@sagaline.example`;
const service = `checkout-${randomUUID().slice(0, 8)}`;
const failpoint = () => undefined;

let world: PipelineWorld;
let servers: Servers;
let database: Database;
let ingest: Ingest;
let relay: Relay;

beforeAll(async () => {
  world = await createPipelineWorld({ topics: ['service.log', 'alert.raised', 'alert.notified', 'notification.sent'] });
  const own = { TEMPORAL_TASK_QUEUE: world.prefix, KAFKA_GROUP_ID: world.prefix, ALERT_EMAIL: operators };
  const config = readAppConfig(testEnvironment({ ...own, DATABASE_URL: world.databaseUrl }));
  servers = await openServers({ ...inject('stack'), databaseUrl: world.databaseUrl }, own);
  database = createDatabase(config.database);
  const { kafka, producer, databaseUrl } = world;
  const shared = { config, database, kafka, failpoint, logger: silent };
  ingest = await createIngest({
    catalogue,
    ...{ ...shared, temporal: servers.temporal, routes: createRoutes([alertSaga.saga]) },
    observer: quietObserver,
  });
  relay = createRelay({ databaseUrl, producer, failpoint, logger: silent });
  await world.start(logs.create(config));
});
afterAll(async () => {
  await relay.close();
  await ingest.close();
  await servers.close();
  await database.$disconnect();
  await world.close();
});

const mails = async () => {
  const { smsUrl } = inject('stack');
  const query = new URLSearchParams({ to: operators });
  return (await fetchJson<{ mails: { subject: string; text: string }[] }>(`${smsUrl}/v1/mails?${query.toString()}`))
    .mails;
};

const fail = (count: number) =>
  world.produce(
    ...Array.from({ length: count }, (_, n) => ({
      type: 'service.log' as const,
      payload: { service, level: 'error' as const, message: `connection ${n} refused` },
    })),
  );

test('200 error lines are one alert and one mail, and so are 200 more', async () => {
  const seen = await collect(world.kafka, 'alert.raised', 'alert.notified');
  await fail(200);
  await eventually(() => expect(seen.records.map(({ topic }) => topic)).toContain('alert.notified'));
  await fail(200);
  await world.applied({ name: 'logs' }, 400);
  await seen.close();

  const alerts = await database.outboxEvent.findMany({ where: { type: 'alert.raised' } });
  expect(alerts).toHaveLength(1);
  const alert = alerts[0]?.payload as { alertId: string; count: number };
  const told = seen.records.map(({ topic, key }) => `${topic} ${textOf(key)}`);
  expect(told).toEqual([`alert.raised ${alert.alertId}`, `alert.notified ${alert.alertId}`]);
  const [mail, ...more] = await mails();
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`Alert: errors of ${service}`);
  expect(mail?.text).toContain(`${alert.count} errors within 60 seconds`);
  // Wherever the first batch ended: enough for an alert, and no more than there was.
  expect(alert.count).toBeGreaterThanOrEqual(50);
  expect(alert.count).toBeLessThanOrEqual(200);
});

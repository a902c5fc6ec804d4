/** docker-compose.yml as it is: everything in containers, two gateways, workers and pipelines, and what must not be lost. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationTables } from '../../prisma/application.ts';
import { buildImages } from '../../containers/build.ts';
import { readConfig } from '../../packages/sagaline/config/config.ts';
import { createKafka } from '../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import type { RecordProducer } from '../../packages/sagaline/kafka/port.ts';
import { createDatabase, type Database } from '../../packages/sagaline/prisma/database.ts';
import { environmentOf } from '../../packages/sagaline/dev/addresses.ts';
import { watchEvents, type EventsSeen } from '../../stack/events-seen.ts';
import { fetchJson } from '../../packages/sagaline/dev/fetch-json.ts';
import { audit } from '../integration/faults/support/invariants.ts';
import { silent } from '../support/kafka.ts';
import { anOrder } from '../support/orders.ts';
import { composeMissing, openCompose, type ComposeProject, type Container } from './support/compose.ts';

const missing = await composeMissing();
if (missing) process.stdout.write(`the compose file is not tested here: ${missing}\n`);

const SCALED = ['gateway', 'worker', 'pipeline'];
const OURS = [...SCALED, 'sandbox', 'migrate'];
const ONCE = ['migrate', 'postgres-roles', 'temporal-schema', 'temporal-namespace'];
/** Not the orders themselves: the demo's malformed one is no JSON. */
const OUTCOMES = ['order.completed', 'order.rejected', 'order.cancelled'];
const KEY = { authorization: 'Bearer local-key-not-a-secret' };
const serviceOf = ({ Config }: Container) => Config.Labels['com.docker.compose.service'] ?? '';
/** A machine that does much else needs a second for each order. */
const BURST_MS = 600_000;
const until = <T>(read: () => Promise<T>, expected: T, timeout = 120_000) =>
  expect.poll(read, { timeout, interval: 50 }).toEqual(expected);

describe.skipIf(missing !== undefined)('docker compose', { timeout: 900_000 }, () => {
  let project: ComposeProject;
  let database: Database;
  let producer: RecordProducer;
  let events: EventsSeen;
  /** Undone last first, also when only some of it could be done. */
  let closings: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    project = await openCompose(`sagaline-test-${randomUUID().slice(0, 8)}`);
    await buildImages();
    await project.up();
    await connect();
  }, 600_000);
  afterAll(async () => {
    await disconnect();
    await project.remove();
  }, 120_000);

  async function connect(): Promise<void> {
    const config = readConfig(environmentOf(project.addresses));
    const kafka = createKafka(config.kafka, silent);
    events = await watchEvents(kafka, `watch-${randomUUID()}`, OUTCOMES, 180_000);
    closings.push(() => events.close());
    producer = await kafka.createProducer();
    closings.push(() => producer.close());
    database = createDatabase({ ...config.database, poolSize: 2 });
    closings.push(() => database.$disconnect());
  }
  async function disconnect(): Promise<void> {
    for (const close of closings.reverse()) await close();
    closings = [];
  }

  const send = (orderIds: readonly string[], token = 'tok_ok') =>
    producer.send(
      orderIds.map((orderId) => ({
        topic: 'order.created',
        key: orderId,
        value: JSON.stringify(anOrder({ orderId, paymentMethod: { token } })),
        headers: {},
      })),
    );
  const completion = (orderId: string) =>
    events.first(`completion of ${orderId}`, ({ topic, key }) => topic === 'order.completed' && key === orderId);

  test('everything is healthy, as nobody in particular, without privileges and within bounds', async () => {
    const containers = await project.containers();
    expect(containers.filter((one) => SCALED.includes(serviceOf(one)))).toHaveLength(6);
    for (const container of containers) {
      const { Name, State, Config, HostConfig } = container;
      if (ONCE.includes(serviceOf(container))) expect.soft([State.Status, State.ExitCode], Name).toEqual(['exited', 0]);
      else expect.soft([State.Status, State.Health?.Status], Name).toEqual(['running', 'healthy']);
      expect.soft(Config.User, Name).not.toMatch(/^$|^0|^root/);
      expect.soft(HostConfig.CapDrop, Name).toEqual(['ALL']);
      expect.soft(HostConfig.SecurityOpt, Name).toContain('no-new-privileges:true');
      expect.soft(HostConfig.ReadonlyRootfs, Name).toBe(OURS.includes(serviceOf(container)));
      expect.soft(HostConfig.RestartPolicy.Name, Name).not.toBe('no');
      for (const bound of [HostConfig.Memory, HostConfig.NanoCpus, HostConfig.PidsLimit ?? 0]) {
        expect.soft(bound, Name).toBeGreaterThan(0);
      }
    }
    expect(await project.compose('exec', '-T', 'gateway', 'id', '-u')).toBe('10001');
    await expect(project.compose('exec', '-T', 'gateway', 'touch', '/app/file')).rejects.toThrow('Read-only');
  });

  test('our role owns its database, and may do nothing else', async () => {
    const roles = await database.$queryRaw`
      SELECT "rolsuper", "rolcreatedb", "rolcreaterole", pg_get_userbyid("datdba") = current_user AS "isOwner"
      FROM "pg_roles", "pg_database" WHERE "rolname" = current_user AND "datname" = current_database()`;
    expect(roles).toEqual([{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, isOwner: true }]);
  });

  test('the demo’s scenes end as they should, played in a container beside them', async () => {
    const output = await project.compose('run', '--rm', '-T', '--quiet-pull', 'demo', 'demo', '--json');
    const result = JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? '{}') as {
      ok: boolean;
      journeys: unknown[];
      acts: { problem?: string }[];
    };
    expect(result.ok, output).toBe(true);
    expect(result.journeys.length).toBeGreaterThan(10);
    expect(result.acts.length).toBeGreaterThan(2);
  });

  test('the pipeline counts, finds and records what the demo did; its files are on its volume', async () => {
    const gateway = await project.gatewayUrl();
    const ask = <T>(path: string) => fetchJson<T>(`${gateway}${path}`, undefined, KEY);
    const completed = await database.saga.findMany({ where: { name: 'orderSaga', state: 'completed' } });
    const summary = () => ask<{ sagas: { completed: number } }>('/v1/stats/summary');
    await until(async () => (await summary()).sagas.completed, completed.length);

    const { sagaId = '' } = completed[0] ?? {};
    const found = () => ask<{ items: { kind: string; id: string }[] }>(`/v1/search?q=${sagaId}&kind=saga`);
    await until(async () => (await found()).items.map(({ id }) => id), [`orderSaga:${sagaId}`]);
    const recorded = () => ask<{ items: { type: string }[] }>(`/v1/events?key=${sagaId}&order=oldest`);
    const types = async () => (await recorded()).items.map(({ type }) => type);
    await expect.poll(types, { timeout: 60_000 }).toEqual(expect.arrayContaining(['order.created', 'order.completed']));

    const saga = (...args: string[]) =>
      project.compose('run', '--rm', '-T', '--no-deps', '--quiet-pull', 'pipeline', 'saga', ...args);
    expect(await saga('archive', 'export', '--day', new Date().toISOString().slice(0, 10))).toContain(
      'part-0001.parquet',
    );
    // Another container sees the file.
    expect(await saga('archive', 'list')).toMatch(/\d+ in 1 file\(s\)/);
    const lines = (await saga('archive', 'read', '--key', sagaId)).split('\n').filter((line) => line.startsWith('{'));
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(await types());
  });

  test('a burst of errors in the logs becomes one mail to the operators', async () => {
    const at = Date.now();
    const line = (index: number) => ({
      ...{ service: 'checkout', level: 'error', message: 'card reader on fire' },
      at: new Date(at + index).toISOString(),
    });
    await producer.send(
      Array.from({ length: 60 }, (_, index) => ({
        ...{ topic: 'service.log', key: 'checkout', headers: {} },
        value: JSON.stringify(line(index)),
      })),
    );
    const mails = async () => {
      const url = `${project.addresses.smsUrl}/v1/mails?to=operators@example.com`;
      return (await fetchJson<{ mails: { subject: string }[] }>(url)).mails.length;
    };
    await until(mails, 1);
  });

  test('a gateway killed in the middle of a burst of 300 orders: nothing is lost, and each ends once', async () => {
    const orderIds = Array.from({ length: 300 }, (_, index) => `crowd-${index}`);
    const accepted = () => database.inboxEvent.count({ where: { key: { startsWith: 'crowd-' } } });
    const before = (await project.containers()).filter((one) => serviceOf(one) === 'gateway');
    await send(orderIds.slice(0, 150));
    await expect.poll(accepted, { timeout: 60_000, interval: 10 }).toBeGreaterThan(20);
    await Promise.all([
      project.docker('kill', '--signal', 'KILL', before[0]?.Name.slice(1) ?? ''),
      send(orderIds.slice(150)),
    ]);
    // The burst was not over: what the dead one had in hand, the other one must take.
    expect(await accepted()).toBeLessThan(orderIds.length);
    const [dead] = (await project.containers()).filter(({ Name }) => Name === before[0]?.Name);
    expect([dead?.State.Status, dead?.State.ExitCode]).toEqual(['exited', 137]);

    // One look at everything: should it fail, it says how far the burst got.
    const progress = async () => ({
      inbox: await accepted(),
      completed: await database.saga.count({ where: { sagaId: { startsWith: 'crowd-' }, state: 'completed' } }),
      unpublished: await database.outboxEvent.count({ where: { publishedAt: null } }),
    });
    await until(progress, { inbox: 300, completed: 300, unpublished: 0 }, BURST_MS);
    await Promise.all(orderIds.map(completion));
    await audit({ ...project, database, events }, { orders: 300, completed: 300 });
    await project.up();
  });

  test('SIGTERM lets a worker end what it has in hand, and others go on', async () => {
    const orderIds = Array.from({ length: 6 }, (_, index) => `drain-${index}`);
    await send(orderIds, 'tok_slow_4000');
    await until(
      () => applicationTables(database).payment.count({ where: { orderId: { startsWith: 'drain-' } } }),
      orderIds.length,
    );
    const [worker] = (await project.containers()).filter((one) => serviceOf(one) === 'worker');
    const name = worker?.Name.slice(1) ?? '';
    await project.docker('stop', '--time', '25', name);
    const [{ State }] = JSON.parse(await project.docker('inspect', name)) as [Container];
    expect(State.ExitCode).toBe(0);
    expect(await project.docker('logs', '--tail', '3', name)).toContain('stopped: received SIGTERM');
    await Promise.all(orderIds.map(completion));
    await project.up();
  });

  test('`down` and `up` keep what the volumes have: sagas, their histories, records, the provider’s ledger', async () => {
    const sagaPath = `/v1/sagas/${encodeURIComponent('orderSaga:crowd-0')}`;
    const saga = async () =>
      await fetchJson<{ state: string; temporal: { known: string } }>(
        `${await project.gatewayUrl()}${sagaPath}`,
        undefined,
        KEY,
      );
    const ledger = () => fetchJson<{ entries: unknown[] }>(`${project.addresses.paymentUrl}/v1/ledger`);
    const before = await ledger();
    await disconnect();
    await project.compose('down');
    expect(await project.compose('ps', '--all', '--quiet')).toBe('');
    await project.up();
    await connect();
    expect(await saga()).toMatchObject({ state: 'completed', temporal: { known: 'yes' } });
    expect(await ledger()).toEqual(before);
    await completion('crowd-0');
    await send(['after-down']);
    await completion('after-down');
  });
});

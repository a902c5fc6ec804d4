import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ConsumedRecord, RecordProducer } from '../../../gateways/kafka/port.ts';
import type { Relay, RelayDeps } from '../../../gateways/relay/create-relay.ts';
import { brokers, collect, connectKafka, createTopic, eventually, textOf, unique } from '../../support/kafka.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';
import { append, relays, storedEvents, withClient } from './outbox.ts';

const kafka = connectKafka();
let producer: RecordProducer;
let database: TestDatabase;
let db: pg.Client;
let topic: string;

beforeAll(async () => (producer = await kafka.createProducer()));
afterAll(() => producer.close());
beforeEach(async () => {
  database = await createTestDatabase();
  topic = await createTopic(kafka);
  db = new pg.Client({ connectionString: database.url });
  db.on('error', () => undefined);
  await db.connect();
});
afterEach(async () => {
  await db.end();
  await database.close();
});

/** A relay that holds its lanes already, and is closed after the test. */
async function relay(overrides: Partial<RelayDeps> = {}): Promise<Relay> {
  const started = relays(database.url, producer)(overrides);
  onTestFinished(() => started.close());
  await eventually(() => expect(started.isReady()).toBe(true));
  return started;
}

async function watch() {
  const seen = await collect(kafka, topic);
  onTestFinished(() => seen.close());
  return seen;
}

const idOf = ({ headers }: ConsumedRecord) => String(headers['ce_id']);

/** Event ids in the order in which they came, copies dropped. */
const firstCopies = (records: readonly ConsumedRecord[], key: string) => [
  ...new Set(records.filter((record) => textOf(record.key) === key).map(idOf)),
];

async function expectAllPublishedInOrder(records: readonly ConsumedRecord[], count: number): Promise<void> {
  await eventually(() => expect(new Set(records.map(idOf)).size).toBe(count));
  await eventually(async () =>
    expect((await storedEvents(database.url)).every(({ published }) => published)).toBe(true),
  );
  const stored = await storedEvents(database.url);
  for (const key of new Set(stored.map((event) => event.key))) {
    const expected = stored.filter((event) => event.key === key).map(({ eventId }) => eventId);
    expect(firstCopies(records, key)).toEqual(expected);
  }
}

/** Many writers at once, whose transactions stay open for different times. */
async function writeConcurrently(writers: number, eventsEach: number): Promise<void> {
  await Promise.all(
    Array.from({ length: writers }, (_, writer) =>
      withClient(database.url, async (client) => {
        for (let n = 0; n < eventsEach; n++) {
          await client.query('BEGIN');
          await append(client, { id: `w${writer}-${n}`, topic, key: `k${(writer + n) % 5}`, n });
          await client.query('SELECT pg_sleep($1)', [((writer * 7 + n * 3) % 10) / 1000]);
          await client.query('COMMIT');
        }
      }),
    ),
  );
}

describe('the relay', () => {
  test('publishes CloudEvents in binary mode, and marks them', async () => {
    await relay();
    const seen = await watch();
    await append(db, { id: 'e-1', topic, key: 'o-1', n: 3 });

    await eventually(() => expect(seen.records).toHaveLength(1));
    const headers = Object.entries(seen.records[0]?.headers ?? {}).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(headers)).toMatchObject({
      ce_specversion: '1.0',
      ce_id: 'e-1',
      ce_type: topic,
      ce_source: '/sagaline/orderSaga',
      ce_subject: 'o-1',
      ce_schemaversion: '1',
      'content-type': 'application/json',
      traceparent: expect.stringMatching(/^00-/) as string,
    });
    expect(JSON.parse(textOf(seen.records[0]?.value ?? null))).toEqual({ orderId: 'o-1', n: 3 });
    await expectAllPublishedInOrder(seen.records, 1);
  });

  test('is woken by the commit, long before its poll', async () => {
    await relay({ pollMs: 10_000 });
    const seen = await watch();
    const started = Date.now();
    await append(db, { id: 'e-1', topic, key: 'o-1' });
    await eventually(() => expect(seen.records).toHaveLength(1));
    expect(Date.now() - started).toBeLessThan(8_000);
  });

  test('publishes a row whose lower id commits later', async () => {
    await relay();
    const seen = await watch();
    await db.query('BEGIN');
    await append(db, { id: 'lower', topic, key: 'a' });
    await withClient(database.url, (other) => append(other, { id: 'higher', topic, key: 'b' }));
    await eventually(() => expect(seen.records.map(idOf)).toEqual(['higher']));
    await db.query('COMMIT');
    await eventually(() => expect(seen.records.map(idOf)).toEqual(['higher', 'lower']));
  });

  test('keeps the order of every key under concurrent writers', async () => {
    await relay();
    const seen = await watch();
    await writeConcurrently(8, 25);
    await expectAllPublishedInOrder(seen.records, 200);
    expect(seen.records).toHaveLength(200);
  });

  test('goes on when its database connection is killed, again and again', async () => {
    await relay();
    const seen = await watch();
    const writing = writeConcurrently(4, 40);
    for (let kills = 0; kills < 4; kills++) {
      await db.query('SELECT pg_sleep(0.1)');
      await db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'sagaline-relay' AND datname = current_database()`,
      );
    }
    await writing;
    await expectAllPublishedInOrder(seen.records, 160);
  });

  test('an event that Kafka refuses holds back its own lane, and readiness', async () => {
    const running = await relay();
    const seen = await watch();
    await append(db, { id: 'refused', topic: unique('no-such-topic'), key: 'stuck' });
    await append(db, { id: 'behind', topic, key: 'stuck' });
    const others = Array.from({ length: 20 }, (_, n) => ({ id: `e-${n}`, topic, key: `o-${n}` }));
    await append(db, ...others);

    const { rows } = await db.query<{ id: string }>(
      `SELECT event_id AS id FROM outbox WHERE lane <> (SELECT lane FROM outbox WHERE event_id = 'refused')`,
    );
    expect(rows.length).toBeGreaterThan(10);
    await eventually(() => expect(new Set(seen.records.map(idOf))).toEqual(new Set(rows.map(({ id }) => id))));
    expect(running.isReady()).toBe(false);
  });
});

describe('a crash between send and mark', () => {
  test('gives a copy with the same event id', async () => {
    let crashes = 1;
    await relay({
      failpoint() {
        if (crashes-- > 0) throw new Error('crash');
      },
    });
    const seen = await watch();
    await append(db, { id: 'e-1', topic, key: 'o-1' });
    await eventually(() => expect(seen.records.map(idOf)).toEqual(['e-1', 'e-1']));
    await expectAllPublishedInOrder(seen.records, 1);
  });

  test('by SIGKILL: the next relay takes the lanes and publishes a copy', async () => {
    const seen = await watch();
    const doomed = spawnRelay({ SAGALINE_FAILPOINTS: 'relay.after-send' });
    await doomed.holdsLanes;
    const standby = await relay();
    await append(db, { id: 'e-1', topic, key: 'o-1' }, { id: 'e-2', topic, key: 'o-1' });

    expect(await doomed.signal).toBe('SIGKILL');
    await expectAllPublishedInOrder(seen.records, 2);
    await eventually(() => expect(seen.records.map(idOf).filter((id) => id === 'e-1')).toHaveLength(2));
    expect(standby.isReady()).toBe(true);
  });
});

describe('two relays', () => {
  test('publish everything once, in one order', async () => {
    await relay();
    await relay();
    const seen = await watch();
    await writeConcurrently(8, 25);
    await expectAllPublishedInOrder(seen.records, 200);
    expect(seen.records).toHaveLength(200);
  });

  test('the second takes over when the first closes, which publishes what it has first', async () => {
    const first = await relay({ pollMs: 60_000 });
    let held = 0;
    await relay({ observer: { lanes: (lanes) => (held = lanes) } });
    const seen = await watch();
    expect(held).toBe(0);
    await append(db, ...Array.from({ length: 50 }, (_, n) => ({ id: `before-${n}`, topic, key: `o-${n % 4}` })));
    await first.close();
    await eventually(() => expect(held).toBe(16));
    await append(db, { id: 'after', topic, key: 'o-1' });
    await expectAllPublishedInOrder(seen.records, 51);
    expect(seen.records).toHaveLength(51);
  });
});

/** A relay in another process. */
function spawnRelay(environment: Record<string, string>) {
  const env = { ...process.env, ...environment, KAFKA_BROKERS: brokers(), DATABASE_URL: database.url };
  const args = ['--import', 'tsx', join(import.meta.dirname, 'relay-process.ts')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const holdsLanes = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('lanes 16')) resolve();
    });
  });
  const signal = once(child, 'exit').then(([, name]) => name as string | null);
  return { holdsLanes, signal };
}

import { describe, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { eventually, textOf } from '../../support/kafka.ts';
import { append, storedEvents, withClient } from './outbox.ts';
import { idOf, relayWorld, spawnRelay } from './support.ts';

const world = relayWorld();
const { relay, watch } = world;

/** Event ids in the order in which they came, copies dropped. */
const firstCopies = (records: readonly ConsumedRecord[], key: string) => [
  ...new Set(records.filter((record) => textOf(record.key) === key).map(idOf)),
];

async function expectAllPublishedInOrder(records: readonly ConsumedRecord[], count: number): Promise<void> {
  await eventually(() => expect(new Set(records.map(idOf)).size).toBe(count));
  await eventually(async () =>
    expect((await storedEvents(world.database.url)).every(({ published }) => published)).toBe(true),
  );
  const stored = await storedEvents(world.database.url);
  for (const key of new Set(stored.map((event) => event.key))) {
    const expected = stored.filter((event) => event.key === key).map(({ eventId }) => eventId);
    expect(firstCopies(records, key)).toEqual(expected);
  }
}

/** Many writers at once, whose transactions stay open for different times. */
async function writeConcurrently(writers: number, eventsEach: number): Promise<void> {
  await Promise.all(
    Array.from({ length: writers }, (_, writer) =>
      withClient(world.database.url, async (client) => {
        for (let n = 0; n < eventsEach; n++) {
          await client.query('BEGIN');
          await append(client, { id: `w${writer}-${n}`, topic: world.topic, key: `k${(writer + n) % 5}`, n });
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
    await append(world.db, { id: 'e-1', topic: world.topic, key: 'o-1', n: 3 });

    await eventually(() => expect(seen.records).toHaveLength(1));
    const headers = Object.entries(seen.records[0]?.headers ?? {}).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(headers)).toMatchObject({
      ce_specversion: '1.0',
      ce_id: 'e-1',
      ce_type: world.topic,
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
    await append(world.db, { id: 'e-1', topic: world.topic, key: 'o-1' });
    await eventually(() => expect(seen.records).toHaveLength(1));
    expect(Date.now() - started).toBeLessThan(8_000);
  });

  test('publishes a row whose lower id commits later', async () => {
    await relay();
    const seen = await watch();
    await world.db.query('BEGIN');
    await append(world.db, { id: 'lower', topic: world.topic, key: 'a' });
    await withClient(world.database.url, (other) => append(other, { id: 'higher', topic: world.topic, key: 'b' }));
    await eventually(() => expect(seen.records.map(idOf)).toEqual(['higher']));
    await world.db.query('COMMIT');
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
      await world.db.query('SELECT pg_sleep(0.1)');
      await world.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'sagaline-relay' AND datname = current_database()`,
      );
    }
    await writing;
    await expectAllPublishedInOrder(seen.records, 160);
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
    await append(world.db, { id: 'e-1', topic: world.topic, key: 'o-1' });
    await eventually(() => expect(seen.records.map(idOf)).toEqual(['e-1', 'e-1']));
    await expectAllPublishedInOrder(seen.records, 1);
  });

  test('by SIGKILL: the next relay takes the lanes and publishes a copy', async () => {
    const seen = await watch();
    const doomed = spawnRelay(world.database.url, { SAGALINE_FAILPOINTS: 'relay.after-send' });
    await doomed.holdsLanes;
    const standby = await relay();
    await append(
      world.db,
      { id: 'e-1', topic: world.topic, key: 'o-1' },
      { id: 'e-2', topic: world.topic, key: 'o-1' },
    );

    expect(await doomed.signal).toBe('SIGKILL');
    await expectAllPublishedInOrder(seen.records, 2);
    await eventually(() => expect(seen.records.map(idOf).filter((id) => id === 'e-1')).toHaveLength(2));
    expect(standby.state().ok).toBe(true);
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
    await append(
      world.db,
      ...Array.from({ length: 50 }, (_, n) => ({ id: `before-${n}`, topic: world.topic, key: `o-${n % 4}` })),
    );
    await first.close();
    await eventually(() => expect(held).toBe(16));
    await append(world.db, { id: 'after', topic: world.topic, key: 'o-1' });
    await expectAllPublishedInOrder(seen.records, 51);
    expect(seen.records).toHaveLength(51);
  });
});

import { describe, expect, test } from 'vitest';
import { KafkaUnavailable } from '../../../packages/sagaline/kafka/errors.ts';
import type { ProducedRecord } from '../../../packages/sagaline/kafka/port.ts';
import {
  buryOutboxEvent,
  listRefused,
  NotRefused,
  type RefusedEvent,
} from '../../../packages/sagaline/relay/undeliverable.ts';
import { createPool } from '../../../packages/sagaline/prisma/connection.ts';
import { createTopic, eventually, unique } from '../../support/kafka.ts';
import { append, storedEvents } from './outbox.ts';
import { idOf, relayWorld } from './support.ts';

const world = relayWorld();

/** Every attempt to send a record, in order, as ids; and what it comes to. */
function spy(refuse: (records: readonly ProducedRecord[]) => Error | undefined = () => undefined) {
  const sent: string[] = [];
  return {
    sent,
    producer: {
      async send(records: readonly ProducedRecord[]) {
        const error = refuse(records);
        if (error) throw error;
        await world.producer.send(records);
        sent.push(...records.map(({ headers }) => String(headers['ce_id'])));
      },
    },
  };
}

const publishedIds = async () =>
  (await storedEvents(world.database.url)).filter(({ published }) => published).map(({ eventId }) => eventId);

describe('a topic that is missing', () => {
  test('holds back its own events, and no other of the same key', async () => {
    const { sent, producer } = spy();
    const running = await world.relay({ producer });
    const missing = unique('no-such-topic');
    const both = Array.from({ length: 20 }, (_, n) => [
      { id: `missing-${n}`, topic: missing, key: `o-${n}` },
      { id: `there-${n}`, topic: world.topic, key: `o-${n}` },
    ]).flat();
    await world.db.query('BEGIN');
    await append(world.db, ...both);
    await world.db.query('COMMIT');
    const there = both.map(({ id }) => id).filter((id) => id.startsWith('there'));
    await eventually(async () => expect((await publishedIds()).sort()).toEqual(there.sort()));

    // What was acknowledged is not sent again, however often the other is tried.
    await eventually(async () => {
      const { rows } = await world.db.query<{ refusals: number }>(
        'SELECT max(refusals) AS refusals FROM sagaline_engine.outbox',
      );
      expect(rows[0]?.refusals).toBeGreaterThan(1);
    });
    expect([...sent].sort()).toEqual(there);
    expect(running.state()).toMatchObject({ ok: false, detail: expect.stringContaining(missing) as string });

    await append(world.db, { id: 'later', topic: world.topic, key: 'o-1' });
    await eventually(async () => expect(await publishedIds()).toContain('later'));

    await world.kafka.ensureTopics([{ topic: missing, partitions: 1 }]);
    await eventually(async () => expect(await publishedIds()).toHaveLength(41), 60_000);
    expect(running.state()).toEqual({ ok: true });
    expect(sent).toHaveLength(41);
  });
});

describe('a record that is refused', () => {
  /** Kafka's own refusal: the topic takes a quarter of what the event has. */
  const small = () => createTopic(world.kafka, { config: { 'max.message.bytes': '5000' } });

  test('holds back its key in its topic; everything else goes out, in order, and once it was found', async () => {
    const { sent, producer } = spy();
    const running = await world.relay({ producer });
    const topic = await small();
    const others = Array.from({ length: 50 }, (_, n) => ({ id: `e-${n}`, topic, key: `o-${n % 5}` }));
    await world.db.query('BEGIN');
    await append(
      world.db,
      { id: 'before', topic, key: 'stuck' },
      { id: 'large', topic, key: 'stuck', padding: 20_000 },
    );
    await append(
      world.db,
      { id: 'behind', topic, key: 'stuck' },
      { id: 'elsewhere', topic: world.topic, key: 'stuck' },
    );
    await append(world.db, ...others);
    await world.db.query('COMMIT');

    await eventually(async () => expect(await publishedIds()).toHaveLength(52));
    expect(sent).toHaveLength(52);
    expect(sent).not.toContain('behind');
    for (let key = 0; key < 5; key++) {
      const ofKey = sent.filter((id) => /^e-/.test(id) && Number(id.slice(2)) % 5 === key);
      expect(ofKey).toEqual([...ofKey].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
    }
    await eventually(() => expect(running.state().ok).toBe(false));
  });

  test('is listed, and once it is buried what waited behind it follows in order', async () => {
    const { sent, producer } = spy();
    const topic = await small();
    const counts: { refused: number; buried: number }[] = [];
    const running = await world.relay({
      producer,
      observer: { standing: ({ refused, buried }) => counts.push({ refused: refused.length, buried }) },
    });
    await append(world.db, { id: 'large', topic, key: 'stuck', padding: 20_000 });
    await append(world.db, { id: 'behind-1', topic, key: 'stuck' }, { id: 'behind-2', topic, key: 'stuck' });
    const pool = createPool({ url: world.database.url, applicationName: 'test', max: 1 });
    let refused: RefusedEvent[] = [];
    await eventually(async () => {
      refused = await listRefused(pool, { limit: 10 });
      expect(refused).toHaveLength(1);
    });
    expect(refused[0]).toMatchObject({ eventId: 'large', code: 'MESSAGE_TOO_LARGE', key: 'stuck', behind: 2 });

    const bury = { by: 'mina', reason: 'larger than the topic takes' };
    const id = refused[0]?.id ?? '';
    expect(await buryOutboxEvent(pool, id, bury)).toMatchObject({ eventId: 'large' });
    await expect(buryOutboxEvent(pool, id, bury)).rejects.toThrow(NotRefused);
    await eventually(async () => expect(await publishedIds()).toEqual(['behind-1', 'behind-2']));
    expect(sent).toEqual(['behind-1', 'behind-2']);
    await eventually(() => expect(counts.at(-1)).toEqual({ refused: 0, buried: 1 }));
    expect(running.state()).toEqual({ ok: true });
    const { rows } = await world.db.query(
      'SELECT buried_by, buried_reason, published_at FROM sagaline_engine.outbox WHERE event_id = $1',
      ['large'],
    );
    expect(rows).toEqual([{ buried_by: 'mina', buried_reason: bury.reason, published_at: null }]);
    await pool.end();
  });

  test('for what it is, by an error that nobody knows, holds back nothing else either', async () => {
    const { producer } = spy((records) =>
      records.some(({ headers }) => headers['ce_id'] === 'odd') ? new TypeError('cannot be encoded') : undefined,
    );
    await world.relay({ producer });
    await append(world.db, { id: 'odd', topic: world.topic, key: 'a' }, { id: 'even', topic: world.topic, key: 'b' });
    await eventually(async () => expect(await publishedIds()).toEqual(['even']));
  });
});

describe('a topic that is not taken at the moment', () => {
  test('holds back its own events only, and goes on when it is taken again', async () => {
    const leaderless = await createTopic(world.kafka);
    let down = true;
    const { sent, producer } = spy((records) =>
      down && records.some(({ topic }) => topic === leaderless)
        ? new KafkaUnavailable('acknowledge records', 'LEADER_NOT_AVAILABLE')
        : undefined,
    );
    const running = await world.relay({ producer });
    await world.db.query('BEGIN');
    await append(world.db, { id: 'waits', topic: leaderless, key: 'a' }, { id: 'goes', topic: world.topic, key: 'a' });
    await world.db.query('COMMIT');
    await eventually(async () => expect(await publishedIds()).toEqual(['goes']));
    expect(running.state()).toMatchObject({ ok: false, detail: expect.stringContaining(leaderless) as string });
    await append(world.db, { id: 'goes too', topic: world.topic, key: 'b' });
    await eventually(async () => expect(await publishedIds()).toEqual(['goes', 'goes too']));
    down = false;
    await eventually(async () => expect(await publishedIds()).toHaveLength(3));
    expect(sent).toEqual(['goes', 'goes too', 'waits']);
    await eventually(() => expect(running.state()).toEqual({ ok: true }));
  });

  test('and no other is, either: an outage of Kafka, after which all go out in order', async () => {
    let down = true;
    const { sent, producer } = spy(() => (down ? new KafkaUnavailable('accept a producer', 'no broker') : undefined));
    const running = world.start({ producer });
    const topics = [world.topic, await createTopic(world.kafka), await createTopic(world.kafka)];
    await append(
      world.db,
      ...Array.from({ length: 30 }, (_, n) => ({ id: `e-${n}`, topic: topics[n % 3] ?? '', key: 'a' })),
    );
    await eventually(() => expect(running.state().detail).toContain('Kafka takes nothing'));
    down = false;
    await eventually(async () => expect(await publishedIds()).toHaveLength(30));
    const seen = await world.watch();
    await eventually(() => expect(new Set(seen.records.map(idOf)).size).toBe(10));
    const first = [...new Set(seen.records.map(idOf))];
    expect(first).toEqual([...first].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
    expect(sent).toHaveLength(30);
  });
});

describe('behind a long backlog that is held back', () => {
  test('the others are found by the index, not by a walk', async () => {
    await world.db.query(
      `INSERT INTO sagaline_engine.outbox (event_id, type, topic, key, lane, payload, refused_at, refused_code, refusals, holds_topic, retry_at)
       SELECT 'held-' || n, 't', 'held', 'k' || n, n % 16, '{}', CASE WHEN n = 1 THEN now() END,
              CASE WHEN n = 1 THEN 'UNKNOWN_TOPIC_OR_PARTITION' END, 0, n = 1, CASE WHEN n = 1 THEN now() + INTERVAL '1 hour' END
       FROM generate_series(1, 100000) AS n`,
    );
    await world.db.query('ANALYZE sagaline_engine.outbox');
    world.start();
    const began = performance.now();
    await append(world.db, { id: 'free', topic: world.topic, key: 'a' });
    await eventually(async () => {
      const { rows } = await world.db.query(
        `SELECT FROM sagaline_engine.outbox WHERE event_id = 'free' AND published_at IS NOT NULL`,
      );
      expect(rows).toHaveLength(1);
    });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

import { BOUNDS, createClient } from '../prisma/connection.ts';
import * as sql from './sql.ts';

/** Rows of one business key are all in one lane; see append_outbox() in the migration. */
export const LANES: readonly number[] = Array.from({ length: 16 }, (_, lane) => lane);

/** First half of the advisory locks' key; the lane is the second. append_outbox() locks in the other, one-number key space. */
const LOCK_CLASS = 7742;
export const CHANNEL = 'sagaline_outbox';

/** So that a relay that works is heard of long before its session's bound, whatever else it waits for. */
const HEARTBEAT_MS = 3_000;

export interface OutboxRow {
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  readonly topic: string;
  readonly key: string;
  readonly lane: number;
  readonly json: string;
  readonly traceparent: string | null;
  readonly workflowId: string | null;
  readonly createdAt: Date;
  /** How often Kafka has refused it. */
  readonly refusals: number;
}

/** What is not to be read: `topics` as a whole, and whatever waits behind a refused row of its key. */
export interface Held {
  readonly topics: readonly string[];
  readonly keys: boolean;
}

/** Rows that Kafka refuses, by topic and code. */
export interface RefusedTopic {
  readonly topic: string;
  readonly code: string;
  readonly rows: number;
  /** Everything of the topic waits for these. */
  readonly holdsTopic: boolean;
}

/** How the whole outbox stands, whoever holds which lanes. */
export interface Standing {
  /** Age of the oldest row that is not on Kafka, in ms; 0 when there is none. Buried rows do not count. */
  readonly oldestAgeMs: number;
  /** The oldest row of lanes that are not ours, refused ones aside. */
  readonly oldestElsewhere: string | null;
  readonly refused: readonly RefusedTopic[];
  readonly buried: number;
}

/** One dedicated connection, and the lanes it holds the locks of. PostgreSQL frees them the moment the session ends. */
export interface OutboxSession {
  /** Takes every lane that nobody holds; resolves to those that are ours now. */
  takeLanes(): Promise<readonly number[]>;
  /** The oldest unpublished rows of these lanes, in the order of their ids. */
  read(lanes: readonly number[], limit: number, held: Held): Promise<OutboxRow[]>;
  /** The oldest row of a topic. */
  oldestOf(lanes: readonly number[], topic: string): Promise<OutboxRow | undefined>;
  /** Refused rows whose time for another attempt has come, those that waited longest first. */
  due(lanes: readonly number[], limit: number): Promise<OutboxRow[]>;
  markPublished(ids: readonly string[]): Promise<void>;
  /** Its topic was taken: whatever holds the topic back need not wait any longer. */
  releaseTopic(topic: string): Promise<void>;
  markRefused(id: string, refusal: { code: string; holdsTopic: boolean; retryMs: number }): Promise<void>;
  standing(lanes: readonly number[]): Promise<Standing>;
  /**
   * False as soon as the connection is known to be gone, and the locks with it; and when the server has not answered for as
   * long as a session may be silent: a process that was stopped must not act on locks that went while it stood still.
   */
  isAlive(): boolean;
  close(): Promise<void>;
}

/**
 * Connects and listens. PgBouncer in transaction mode cannot stand between: locks and LISTEN belong to the session.
 *
 * @param onWake called for every NOTIFY, and when the connection is lost
 */
export async function openOutboxSession(databaseUrl: string, onWake: () => void): Promise<OutboxSession> {
  const client = createClient({ url: databaseUrl, applicationName: 'sagaline-relay', bounds: BOUNDS.standby });
  let alive = true;
  let heardAt = performance.now();
  let last: Promise<unknown> = Promise.resolve();
  client.on('notification', onWake);

  /** One statement after the other: a heartbeat may fall due in the middle of one. */
  function query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const asked = last.then(async () => {
      const { rows } = await client.query<Row>(text, [...values]);
      heardAt = performance.now();
      return rows;
    });
    last = asked.catch(() => undefined);
    return asked;
  }

  try {
    await client.connect();
    await query(`LISTEN ${CHANNEL}`);
  } catch (error) {
    await client.end();
    throw error;
  }
  const heartbeat = setInterval(() => void query('SELECT 1').catch(() => undefined), HEARTBEAT_MS);
  // Not before it is open: whoever failed to connect was told so, and waits before the next attempt.
  client.on('end', () => {
    alive = false;
    clearInterval(heartbeat);
    onWake();
  });

  const held = new Set<number>();
  return {
    async takeLanes() {
      const wanted = LANES.filter((lane) => !held.has(lane));
      if (wanted.length > 0) {
        const taken = await query<{ lane: number }>(sql.TAKE_LANES, [LOCK_CLASS, wanted]);
        for (const { lane } of taken) held.add(lane);
      }
      return [...held];
    },
    read(lanes, limit, { topics, keys }) {
      const perLane = Math.max(32, Math.ceil(limit / Math.max(1, lanes.length)));
      if (topics.length === 0 && !keys) return query<OutboxRow>(sql.READ, [lanes, perLane]);
      return query<OutboxRow>(sql.READ_PAST_HELD, [lanes, perLane, topics, limit]);
    },
    async oldestOf(lanes, topic) {
      const [row] = await query<OutboxRow>(sql.OLDEST_OF_TOPIC, [lanes, topic]);
      return row;
    },
    due: (lanes, limit) => query<OutboxRow>(sql.DUE, [lanes, limit]),
    async markPublished(ids) {
      await query(sql.MARK_PUBLISHED, [ids]);
    },
    async releaseTopic(topic) {
      await query(sql.RELEASE_TOPIC, [topic]);
    },
    async markRefused(id, { code, holdsTopic, retryMs }) {
      await query(sql.MARK_REFUSED, [id, code, holdsTopic, retryMs]);
    },
    async standing(lanes) {
      const elsewhere = LANES.filter((lane) => !lanes.includes(lane));
      const [row] = await query<Omit<Standing, 'refused'>>(sql.STANDING, [LANES, elsewhere]);
      const refused = await query<RefusedTopic>(sql.REFUSED);
      return { oldestAgeMs: 0, oldestElsewhere: null, buried: 0, ...row, refused };
    },
    isAlive: () => alive && performance.now() - heardAt < BOUNDS.standby.idleSessionMs,
    async close() {
      clearInterval(heartbeat);
      await client.end();
    },
  };
}

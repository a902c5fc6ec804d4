import pg from 'pg';

/** Rows of one business key are all in one lane; see append_outbox() in the migration. */
export const LANES: readonly number[] = Array.from({ length: 16 }, (_, lane) => lane);

/** First half of the advisory locks' key; the lane is the second. append_outbox() locks in the other, one-number key space. */
const LOCK_CLASS = 7742;
const CHANNEL = 'sagaline_outbox';

/** Bounds a query on a connection whose other end vanished without a word, ms. */
const QUERY_TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;

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
}

/** One dedicated connection, and the lanes it holds the locks of. PostgreSQL frees them the moment the session ends. */
export interface OutboxSession {
  /** Takes every lane that nobody holds; resolves to those that are ours now. */
  takeLanes(): Promise<readonly number[]>;
  /** The oldest unpublished rows of these lanes, in the order of their ids. */
  read(lanes: readonly number[], limit: number): Promise<OutboxRow[]>;
  markPublished(ids: readonly string[]): Promise<void>;
  /** Age of the oldest unpublished row of any lane in ms, 0 when there is none. */
  oldestAgeMs(): Promise<number>;
  /** False as soon as the connection is known to be gone, and the locks with it. */
  isAlive(): boolean;
  close(): Promise<void>;
}

/**
 * Connects and listens. PgBouncer in transaction mode cannot stand between: locks and LISTEN belong to the session.
 *
 * @param onWake called for every NOTIFY, and when the connection is lost
 */
export async function openOutboxSession(databaseUrl: string, onWake: () => void): Promise<OutboxSession> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'sagaline-relay',
    connectionTimeoutMillis: 5_000,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  let alive = true;
  const lost = (): void => {
    alive = false;
    onWake();
  };
  client.on('error', lost);
  client.on('end', lost);
  client.on('notification', onWake);
  await client.connect();
  // So that the lanes of a machine that lost its power are free again after half a minute, not after two hours.
  await client.query('SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4');
  await client.query(`LISTEN ${CHANNEL}`);

  const held = new Set<number>();
  return {
    async takeLanes() {
      const wanted = LANES.filter((lane) => !held.has(lane));
      if (wanted.length > 0) {
        const { rows } = await client.query<{ lane: number }>(TAKE_LANES, [LOCK_CLASS, wanted]);
        for (const { lane } of rows) held.add(lane);
      }
      return [...held];
    },
    async read(lanes, limit) {
      const perLane = Math.max(32, Math.ceil(limit / Math.max(1, lanes.length)));
      const { rows } = await client.query<OutboxRow>(READ, [lanes, perLane]);
      return rows;
    },
    async markPublished(ids) {
      await client.query(MARK_PUBLISHED, [ids]);
    },
    async oldestAgeMs() {
      const { rows } = await client.query<{ ageMs: number }>(OLDEST_AGE, [LANES]);
      return rows[0]?.ageMs ?? 0;
    },
    isAlive: () => alive,
    close: () => end(client),
  };
}

/** Says goodbye, and hangs up when nobody answers: a connection into a black hole never ends by itself. */
async function end(client: pg.Client): Promise<void> {
  const hangUp = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  try {
    await client.end();
  } finally {
    clearTimeout(hangUp);
  }
}

// OFFSET 0 keeps the planner from asking for locks of lanes that the filter would drop.
const TAKE_LANES = `
  SELECT lane FROM (SELECT lane, pg_try_advisory_lock($1, lane) AS taken FROM unnest($2::int[]) AS lane OFFSET 0) AS tried
  WHERE taken`;

// By lane first, so that each is a walk along outbox_unpublished_idx however long the backlog, and no lane starves another.
const READ = `
  SELECT o.id::text, o.event_id AS "eventId", o.type, o.topic, o.key, o.lane, o.payload::text AS json, o.traceparent,
         o.workflow_id AS "workflowId", o.created_at AS "createdAt"
  FROM unnest($1::smallint[]) AS held(lane)
  CROSS JOIN LATERAL (
    SELECT * FROM outbox WHERE outbox.lane = held.lane AND published_at IS NULL ORDER BY outbox.id LIMIT $2
  ) AS o
  ORDER BY o.id`;

const MARK_PUBLISHED = 'UPDATE outbox SET published_at = now() WHERE id = ANY($1::bigint[])';

const OLDEST_AGE = `
  SELECT coalesce(extract(epoch FROM clock_timestamp() - min(o.created_at)) * 1000, 0)::float8 AS "ageMs"
  FROM unnest($1::smallint[]) AS known(lane)
  CROSS JOIN LATERAL (
    SELECT created_at FROM outbox WHERE outbox.lane = known.lane AND published_at IS NULL ORDER BY outbox.id LIMIT 1
  ) AS o`;

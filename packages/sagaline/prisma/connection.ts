/**
 * Every connection to PostgreSQL is made here, Prisma's too. A connection without bounds waits for ever for a peer that is
 * frozen, and a session without bounds keeps its locks for ever when it is we who are: so each end has a limit of its own,
 * and neither relies on the other one's being alive.
 */
import { Socket } from 'node:net';
import { Client, escapeIdentifier, Pool } from 'pg';

/** How long a session may keep others waiting. All in ms; the server enforces them, whatever becomes of us. */
export interface SessionBounds {
  /** A statement. We hang up a little later, in case that it is the server that is frozen. */
  readonly statementMs: number;
  /** Waiting for one lock, an advisory one too. */
  readonly lockMs: number;
  /** Silence within a transaction: a frozen client loses its row locks. */
  readonly idleInTransactionMs: number;
  /** Silence outside of one. For sessions that hold advisory locks, and are heard of regularly. */
  readonly idleSessionMs?: number;
}

const MINUTE = 60_000;

export const BOUNDS = {
  /** Requests, ingest, projections, participants. */
  ordinary: { statementMs: 20_000, lockMs: 10_000, idleInTransactionMs: 30_000 },
  /** A session that others stand by for: lost soon when it falls silent. */
  standby: { statementMs: 10_000, lockMs: 5_000, idleInTransactionMs: 10_000, idleSessionMs: 15_000 },
  /** What an operator starts and waits for: rebuilds, exports of the archive, dropping what was replaced. */
  operator: { statementMs: 60 * MINUTE, lockMs: 2 * MINUTE, idleInTransactionMs: 10 * MINUTE },
  /** Tables of any size may be rewritten. Locks are soon given up: who waits for a table keeps everybody else from it. */
  migration: { statementMs: 4 * 60 * MINUTE, lockMs: MINUTE, idleInTransactionMs: 10 * MINUTE },
} as const satisfies Record<string, SessionBounds>;

/** What we wait for an answer beyond the time that a statement may take, ms. */
const GRACE_MS = 5_000;
/** What the other end has for its goodbye, ms: a connection into a black hole never ends by itself. */
const GOODBYE_MS = 1_000;
const CONNECT_MS = 5_000;
/** A dead machine is noticed by both ends after 10 + 4 * 5 s. */
const KEEPALIVE = { idleS: 10, intervalS: 5, count: 4 };

export interface ConnectionOptions {
  /** postgresql://user:password@host:port/database; with `?schema=`, as Prisma has it, the search_path is that schema. */
  readonly url: string;
  /** As it stands in pg_stat_activity. */
  readonly applicationName: string;
  /** `BOUNDS.ordinary` unless said. */
  readonly bounds?: SessionBounds;
  /** How long to wait for a connection, in ms; for a pool also until one is free. */
  readonly connectTimeoutMs?: number;
  /** Told of a connection that broke, idle or in use. Whoever uses it hears of it too: by the query that fails. */
  readonly onError?: (error: Error) => void;
}

export interface PoolOptions extends ConnectionOptions {
  /** Connections at most. */
  readonly max: number;
}

/** The server has not said a word for longer than a statement may take. The connection is closed; whether it was done is unknown. */
export class DatabaseSilent extends Error {
  override readonly name = 'DatabaseSilent';
  /** As of a socket that timed out: known to be an outage by whoever knows Node's errors, Prisma's adapter among them. */
  readonly code = 'ETIMEDOUT';
  readonly syscall = 'read';
  readonly errno = -110;
  constructor(silentMs: number) {
    super(`PostgreSQL has not answered a statement for ${silentMs} ms: the connection is given up`);
  }
}

/** A pool whose connections are bounded, and whose broken connections end no process. Close it with `end()`. */
export function createPool({ max, ...options }: PoolOptions): Pool {
  const { bounds = BOUNDS.ordinary, onError = () => undefined } = options;
  const pool = new Pool({ ...configOf(options), max });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => guard(client, bounds, onError));
  return pool;
}

/** One connection, to be opened with `connect()` and closed with `end()`. One that breaks emits `end`, and ends no process. */
export function createClient(options: ConnectionOptions): Client {
  const { bounds = BOUNDS.ordinary, onError = () => undefined } = options;
  const client = new Client(configOf(options));
  client.on('error', () => undefined);
  client.once('connect', () => guard(client, bounds, onError));
  return client;
}

/** For `pg` itself; prefer `createPool` and `createClient`, which guard what they make. */
function configOf({
  url,
  applicationName,
  bounds = BOUNDS.ordinary,
  connectTimeoutMs = CONNECT_MS,
}: ConnectionOptions) {
  return {
    connectionString: withSettings(url, settingsOf(bounds)),
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE.idleS * 1000,
  };
}

/**
 * Said at start-up, so that no statement runs before: not by SET, which a pooler between us and the server would give to others.
 * The formats are those that drivers read, whatever the server's, the database's or the role's are; Prisma's adapter cuts the
 * zone off a time, and would take any other zone's for UTC.
 */
function settingsOf({ statementMs, lockMs, idleInTransactionMs, idleSessionMs = 0 }: SessionBounds) {
  return {
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    IntervalStyle: 'postgres',
    bytea_output: 'hex',
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    idle_session_timeout: idleSessionMs,
    tcp_keepalives_idle: KEEPALIVE.idleS,
    tcp_keepalives_interval: KEEPALIVE.intervalS,
    tcp_keepalives_count: KEEPALIVE.count,
    tcp_user_timeout: (KEEPALIVE.idleS + KEEPALIVE.intervalS * KEEPALIVE.count) * 1000,
  };
}

/** After the URL's own `options`, which stay: the last one of a name counts. */
function withSettings(url: string, settings: Readonly<Record<string, string | number>>): string {
  const whole = new URL(url);
  const schema = whole.searchParams.get('schema');
  const own = schema === null ? settings : { ...settings, search_path: asOption(escapeIdentifier(schema)) };
  const ours = Object.entries(own).map(([name, value]) => `-c ${name}=${value}`);
  whole.searchParams.set('options', [whole.searchParams.get('options') ?? '', ...ours].join(' ').trim());
  return whole.href;
}

/** The server cuts its options at blanks, and takes what follows a backslash as it is. */
function asOption(value: string): string {
  return value.replace(/[\\\s]/g, '\\$&');
}

/**
 * Hangs up on a server that does not answer, and on one that does not say goodbye. By silence rather than by a timer for each
 * query: rows that keep coming are an answer. `pg`'s own query_timeout only fails the query, and leaves the connection to the
 * next one, which then waits behind it.
 */
function guard(client: Client, { statementMs }: SessionBounds, onError: (error: Error) => void): void {
  client.on('error', onError);
  const { stream } = client.connection;
  if (!(stream instanceof Socket))
    throw new Error('pg connects by something that is no socket: nothing would bound it');
  const silentMs = statementMs + GRACE_MS;
  stream.setTimeout(silentMs);
  stream.on('timeout', () => {
    if (stream.writableEnded) stream.destroy();
    else if (waitsForAnswer(client)) stream.destroy(new DatabaseSilent(silentMs));
  });
  stream.once('finish', () => stream.setTimeout(GOODBYE_MS));
}

/** `pg` keeps the flag that the protocol's ReadyForQuery raises; its types do not tell. */
function waitsForAnswer(client: Client): boolean {
  return 'readyForQuery' in client && client.readyForQuery === false;
}

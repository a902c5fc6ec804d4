import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  BOUNDS,
  createClient,
  createPool,
  DatabaseSilent,
  type PoolOptions,
} from '../../../packages/sagaline/prisma/connection.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';
import { freeze } from '../../support/frozen-backend.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Short, so that a test need not wait; five seconds of grace come on top for a server that says nothing at all. */
const SHORT = { statementMs: 500, lockMs: 300, idleInTransactionMs: 600 };

function poolOf(options: Partial<PoolOptions> = {}): Pool {
  const pool = createPool({ url: database.url, applicationName: 'test', max: 1, ...options });
  onTestFinished(() => (pool.ending ? undefined : pool.end()));
  return pool;
}

async function pidOf(client: Pick<Pool, 'query'>): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS "pid"');
  return rows[0]?.pid ?? 0;
}

async function frozen(pid: number): Promise<void> {
  const thaw = await freeze(pid);
  onTestFinished(thaw);
}

describe('a session', () => {
  test('has our zone, formats and bounds, whatever the server, the database, the role and the URL say', async () => {
    await poolOf().query(`DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET "TimeZone" = %L', current_database(), 'Asia/Seoul');
      EXECUTE format('ALTER DATABASE %I SET "DateStyle" = %L', current_database(), 'German, DMY');
      EXECUTE format('ALTER DATABASE %I SET "bytea_output" = %L', current_database(), 'escape');
    END $$`);
    const url = new URL(database.url);
    url.searchParams.set('options', '-c TimeZone=America/Lima -c work_mem=5MB');
    const { rows } = await poolOf({ url: url.href, bounds: { ...BOUNDS.standby } }).query<Record<string, string>>(
      `SELECT ${SETTINGS.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')}`,
    );
    expect(rows[0]).toEqual({
      TimeZone: 'UTC',
      DateStyle: expect.stringContaining('ISO') as string,
      bytea_output: 'hex',
      statement_timeout: '10s',
      lock_timeout: '5s',
      idle_in_transaction_session_timeout: '10s',
      idle_session_timeout: '15s',
      tcp_keepalives_idle: '10',
      tcp_user_timeout: '30000',
      application_name: 'test',
      work_mem: '5MB',
    });
  });

  test('cuts off a statement, a wait for a lock, and a transaction in which nothing happens', async () => {
    const pool = poolOf({ max: 2, bounds: SHORT });
    await expect(pool.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });

    const holder = await pool.connect();
    await holder.query('BEGIN; SELECT pg_advisory_xact_lock(1)');
    const held = new Promise((resolve) => holder.once('error', resolve));
    await expect(pool.query('SELECT pg_advisory_xact_lock(1)')).rejects.toMatchObject({ code: '55P03' });
    expect(await held).toMatchObject({ code: '25P03' });
    await pool.query('SELECT pg_advisory_xact_lock(1)');
    holder.release();
    expect(pool.totalCount).toBeLessThanOrEqual(1);
  });
});

const SETTINGS = [
  ...['TimeZone', 'DateStyle', 'bytea_output', 'statement_timeout', 'lock_timeout', 'work_mem', 'application_name'],
  ...['idle_in_transaction_session_timeout', 'idle_session_timeout', 'tcp_keepalives_idle', 'tcp_user_timeout'],
];

describe('a backend that is frozen', () => {
  test('fails the statement, and the pool goes on with another connection', async () => {
    const broken: Error[] = [];
    const pool = poolOf({ bounds: SHORT, onError: (error) => broken.push(error) });
    await frozen(await pidOf(pool));
    await expect(pool.query('SELECT 1')).rejects.toThrow(DatabaseSilent);
    expect(await pidOf(pool)).toBeGreaterThan(0);
    expect(broken).toEqual([expect.any(DatabaseSilent)]);
  });

  test('in a transaction, is not given back to the pool', async () => {
    const pool = poolOf({ bounds: { ...SHORT, idleInTransactionMs: 60_000 } });
    const client = await pool.connect();
    const pid = await pidOf(client);
    await client.query('BEGIN');
    await frozen(pid);
    await expect(client.query('SELECT 1')).rejects.toThrow(DatabaseSilent);
    await expect(client.query('ROLLBACK')).rejects.toThrow();
    client.release();
    expect(await pidOf(pool)).not.toBe(pid);
  });

  test.each(['a query', 'a transaction'])('fails %s of Prisma, which goes on with another connection', async (what) => {
    const prisma = createDatabase({ url: database.url, poolSize: 1, acquireTimeoutMs: 2_000, bounds: SHORT });
    onTestFinished(() => prisma.$disconnect());
    const pid = async () => (await prisma.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS "pid"`)[0]?.pid ?? 0;
    const before = await pid();
    const failing =
      what === 'a query'
        ? frozen(before).then(() => prisma.$queryRaw`SELECT 1`)
        : prisma.$transaction(async (tx) => {
            await frozen(before);
            await tx.$queryRaw`SELECT 1`;
          });
    await expect(failing).rejects.toMatchObject({ meta: { driverAdapterError: { cause: { kind: 'SocketTimeout' } } } });
    expect(await pid()).not.toBe(before);
  });

  test('does not hold up the end of a pool, or of a client', async () => {
    const pool = poolOf();
    await frozen(await pidOf(pool));
    const client = createClient({ url: database.url, applicationName: 'test' });
    await client.connect();
    await frozen(await pidOf(client));
    const began = performance.now();
    await Promise.all([pool.end(), client.end()]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('a connection that breaks', () => {
  test('while it is in use, is told to whoever uses it, and ends no process', async () => {
    const broken: Error[] = [];
    const pool = poolOf({ max: 2, onError: (error) => broken.push(error) });
    const client = await pool.connect();
    await client.query('BEGIN');
    const gone = new Promise<void>((resolve) => client.once('end', resolve));
    await pool.query('SELECT pg_terminate_backend($1)', [await pidOf(client)]);
    await gone;
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release();
    expect(broken.length).toBeGreaterThan(0);
  });

  test('as a client of its own, says so by its end', async () => {
    const client = createClient({ url: database.url, applicationName: 'test' });
    await client.connect();
    const gone = new Promise<void>((resolve) => client.once('end', resolve));
    await poolOf().query('SELECT pg_terminate_backend($1)', [await pidOf(client)]);
    await gone;
    await client.end();
  });
});

describe('times through Prisma', () => {
  test('are instants, in a database of any zone', async () => {
    const prisma = createDatabase({ url: database.url, poolSize: 1, acquireTimeoutMs: 2_000 });
    onTestFinished(() => prisma.$disconnect());
    await prisma.$executeRaw`SELECT sagaline_engine.append_outbox('e-1', 't', 't', 'k', '{}', NULL, NULL)`;
    const { createdAt } = await prisma.outboxEvent.findFirstOrThrow();
    expect(Math.abs(createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(await prisma.outboxEvent.count({ where: { createdAt: { gt: new Date(Date.now() - 60_000) } } })).toBe(1);
  });
});

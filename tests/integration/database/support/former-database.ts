/** A database as the version before left it: its whole history applied to one schema, and work of every kind under way. */
import { inject } from 'vitest';
import { createClient } from '../../../../packages/sagaline/prisma/connection.ts';
import { FORMER_MIGRATIONS } from '../../../../packages/sagaline/prisma/former.ts';
import { applyMigrations } from '../../../../packages/sagaline/prisma/run-migrations.ts';
import { unique } from '../../../support/kafka.ts';
import { createTestPool } from '../../../support/stack.ts';

export interface FormerDatabase {
  readonly url: string;
  readonly query: <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;
  readonly close: () => Promise<void>;
}

export const ENGINE_TABLES = [
  ...['inbox', 'sagas', 'outbox', 'dead_letters', 'http_requests', 'live_changes', 'topic_lives'],
  'installation_secrets',
];
export const APPLICATION_TABLES = ['payments', 'messages', 'analytics_facts', 'profiles', 'users', 'orders'];

/** @param directory the history, if not all of it */
export async function createFormerDatabase(directory = FORMER_MIGRATIONS, schema = 'public'): Promise<FormerDatabase> {
  const { url, query, close } = await createEmptyDatabase(schema);
  const pool = createTestPool(url, 4);
  try {
    await applyMigrations(pool, { directory, schema });
  } finally {
    await pool.end();
  }
  return { url, query, close };
}

/** A database without anything, whose URL names `schema`. */
export async function createEmptyDatabase(schema = 'public'): Promise<FormerDatabase> {
  const { databaseUrl } = inject('stack');
  const name = unique('former').replaceAll(/[.-]/g, '_');
  await once(databaseUrl, `CREATE DATABASE ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  await once(url.href, `CREATE SCHEMA IF NOT EXISTS "${schema}"`);
  if (schema !== 'public') url.searchParams.set('schema', schema);
  return {
    url: url.href,
    query: (sql, values) =>
      once(url.href, schema === 'public' ? sql : sql.replaceAll('public.', `"${schema}".`), values),
    close: () => once(databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`).then(() => undefined),
  };
}

/** Rows as the former version wrote them: sagas in every state, events at every stage, what Kafka refuses, what is dead. */
export async function fill({ query }: FormerDatabase): Promise<void> {
  const inbox = (id: string, state: string) =>
    query(
      `INSERT INTO public.inbox (event_id, saga_name, type, topic, partition, "offset", key, payload, payload_hash, workflow_id, state)
       VALUES ($1, 'orderSaga', 'order.created', 'order.created', 0, 7, $1, '{"orderId": "o"}', 'hash', $2, $3)`,
      [id, `orderSaga:${id}`, state],
    );
  for (const state of ['received', 'started', 'parked', 'deadLettered']) await inbox(`o-${state}`, state);
  const saga = (id: string, state: string, parked: string[]) =>
    query(
      `INSERT INTO public.sagas (workflow_id, name, saga_id, state, parked, event_id, payload_hash, topic, partition, "offset")
       VALUES ($1, 'orderSaga', $2, $3, $4, $2, 'hash', 'order.created', 0, 7)`,
      [`orderSaga:${id}`, id, state, parked],
    );
  await saga('o-started', 'running', []);
  await saga('o-parked', 'running', ['payment']);
  await saga('o-undone', 'rollingBack', []);
  await saga('o-done', 'completed', []);
  const append = (id: string) =>
    query(
      `SELECT public.append_outbox($1, 'order.completed', 'order.completed', 'o-done', '{"orderId": "o"}', NULL, 'orderSaga:o-done')`,
      [id],
    );
  for (const id of ['sent', 'waiting', 'refused', 'buried']) await append(id);
  await query(`UPDATE public.outbox SET published_at = now() WHERE event_id = 'sent'`);
  await query(
    `UPDATE public.outbox SET refused_at = now(), refused_code = 'MESSAGE_TOO_LARGE', refusals = 3, retry_at = now()
     WHERE event_id = 'refused'`,
  );
  await query(
    `UPDATE public.outbox SET buried_at = now(), buried_by = 'ann', buried_reason = 'twice' WHERE event_id = 'buried'`,
  );
  await query(
    `INSERT INTO public.dead_letters (topic, partition, "offset", key, value, headers, reason, path, message, record_time, state, decided_by)
     SELECT 'order.created', 0, n, '\\x00ff', '\\x01', '{}', 'invalid-json', '', 'no JSON', now(), state, 'ann'
     FROM unnest(ARRAY['open', 'redriven', 'dismissed']) WITH ORDINALITY AS one(state, n)`,
  );
  await query(
    `INSERT INTO public.topic_lives (topic, topic_id, life) VALUES ('order.created', 'a', 1), ('order.created', 'b', 2)`,
  );
  await query(
    `INSERT INTO public.http_requests (idempotency_key, request_hash, status, response) VALUES ('k', 'h', 202, '{}')`,
  );
  await query(
    `INSERT INTO public.payments (key, order_id, amount, currency, state) VALUES ('o-done/payment', 'o-done', 1, 'EUR', 'charged')`,
  );
  await query(`INSERT INTO public.users (user_id, email, name) VALUES ('u-1', 'ada@customer.example', 'Ada')`);
}

/** All rows of tables, as text: nothing of a row is lost in a driver. */
export async function rowsOf({ query }: FormerDatabase, schema: string, tables: readonly string[]) {
  const rows: Record<string, string[]> = {};
  for (const table of tables) {
    const found = await query<{ row: string }>(`SELECT one::TEXT AS "row" FROM ${schema}."${table}" AS one ORDER BY 1`);
    rows[table] = found.map(({ row }) => row);
  }
  return rows;
}

async function once<Row extends object>(url: string, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = createClient({ url, applicationName: 'test' });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}

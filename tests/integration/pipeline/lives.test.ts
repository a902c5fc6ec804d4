/** A topic that was made anew, as its records come to a projection: on a real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { escapeIdentifier, type Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { createArchive } from '../../../packages/sagaline/pipeline/archive/archive.ts';
import { createLogs } from '../../../gateways/pipeline/logs/projection.ts';
import { createApply } from '../../../packages/sagaline/pipeline/runtime/apply-batch.ts';
import { adoptTopicIds, beginAgain } from '../../../packages/sagaline/pipeline/runtime/lives.ts';
import { readPlaces } from '../../../packages/sagaline/pipeline/runtime/offsets.ts';
import type { Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createSchema, upgradeSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { read, recordOf } from '../../support/recorded-events.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { inTransaction, useSchema } from '../../../packages/sagaline/pipeline/runtime/transaction.ts';
import { catalogue } from '../../support/reference.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const logs = createLogs({ retentionMs: 1e12, burst: { threshold: 50, windowMs: 60_000 } });
const archive = createArchive({
  catalogue,
  policy: { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined },
  extraTopics: [],
});

let database: TestDatabase;
let pool: Pool;
let schema: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 4);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});
beforeEach(() => (schema = `lives_${randomUUID().replaceAll('-', '')}`));
afterEach(() => pool.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`));

async function applying(projection: Projection) {
  await inTransaction(pool, (client) => createSchema(client, projection, schema));
  const apply = createApply({ ...{ pool, projection, schema, read, live: true }, failpoint: () => undefined });
  return (topicId: string | undefined, records: readonly ConsumedRecord[], askedFrom?: bigint) =>
    apply({ topic: 'service.log', partition: 0, records, askedFrom, ...(topicId !== undefined && { topicId }) });
}

/** Lines of one moment: nothing but their place tells them apart. */
const lines = (word: string, count: number, first = 0): ConsumedRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const payload = { service: 's', level: 'info', message: `${word}${first + index}` };
    return { ...recordOf('service.log', payload, { offset: first + index, time: NOON }), headers: {} };
  });

const messages = async (table: string, column: string) => {
  const rows = await inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    return (await client.query<{ said: string }>(`SELECT ${column} AS "said" FROM ${table} ORDER BY "offset"`)).rows;
  });
  return rows.map(({ said }) => said);
};

describe.each([
  { name: 'the logs', projection: logs, table: '"lines"', column: '"message"' },
  { name: 'the archive', projection: archive, table: '"recorded"', column: `"payload" ->> 'message'` },
])('$name', ({ projection, table, column }) => {
  test('begins a topic that was made anew from its beginning, and keeps what it has', async () => {
    const apply = await applying(projection);
    await apply('one', lines('old', 5));
    expect(await apply('two', lines('new', 8))).toEqual({ kind: 'applied', next: 8n, records: 8 });
    expect(await messages(table, column)).toEqual([
      ...['old0', 'old1', 'old2', 'old3', 'old4'],
      ...['new0', 'new1', 'new2', 'new3', 'new4', 'new5', 'new6', 'new7'],
    ]);
  });

  test('reads it from its beginning also when it was in the middle of it already', async () => {
    const apply = await applying(projection);
    await apply('one', lines('old', 5));
    expect(await apply('two', lines('new', 2, 5))).toEqual({ kind: 'elsewhere', next: 0n });
    await apply('two', lines('new', 7));
    expect(await messages(table, column)).toHaveLength(12);
  });
});

test('a life that is over does not come back, whoever still has its records', async () => {
  const apply = await applying(logs);
  await apply('one', lines('old', 5));
  await apply('two', lines('new', 3));
  expect(await apply('one', lines('old', 2, 5))).toEqual({ kind: 'elsewhere', next: 3n });
  expect(await messages('"lines"', '"message"')).toHaveLength(8);
});

test('a third life follows the second', async () => {
  const apply = await applying(logs);
  await apply('one', lines('a', 2));
  await apply('two', lines('b', 2));
  await apply('three', lines('c', 2));
  expect(await messages('"lines"', '"message"')).toEqual(['a0', 'a1', 'b0', 'b1', 'c0', 'c1']);
});

test('tables that know no id take the first one that comes, or the one that the topic has at the start', async () => {
  const apply = await applying(logs);
  await apply(undefined, lines('old', 2));
  const ids = new Map([['service.log', 'one']]);
  // A log that ends before what the tables want is not the one that they were made of.
  await adoptTopicIds(pool, schema, ids, () => 1n);
  expect((await readPlaces(pool, schema)).get('service.log/0')?.topicId).toBeNull();
  await adoptTopicIds(pool, schema, ids, () => 2n);
  expect((await readPlaces(pool, schema)).get('service.log/0')?.topicId).toBe('one');
  await apply('two', lines('new', 1));
  expect(await messages('"lines"', '"message"')).toEqual(['old0', 'old1', 'new0']);
});

test('an operator can say that a topic begins again, where nothing tells', async () => {
  const apply = await applying(logs);
  await apply('one', lines('old', 3));
  expect(await beginAgain(pool, schema, 'service.log', 'one')).toEqual([0]);
  await apply('one', lines('new', 2));
  expect(await messages('"lines"', '"message"')).toEqual(['old0', 'old1', 'old2', 'new0', 'new1']);
});

test('offsets that an older version made are brought up to date, and keep what they say', async () => {
  await applying(logs);
  await inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    await client.query('DROP TABLE "lives", "set_aside"');
    await client.query('ALTER TABLE "offsets" DROP "topic_id", DROP "base", DROP "aside_in_a_row"');
    await client.query(`INSERT INTO "offsets" VALUES ('service.log', 0, 7)`);
  });
  expect((await readPlaces(pool, schema)).get('service.log/0')).toMatchObject({ next: 7n, topicId: null, base: 0n });
  for (let time = 0; time < 2; time++) await inTransaction(pool, (client) => upgradeSchema(client, schema));
  const apply = createApply({ ...{ pool, schema, read, projection: logs, live: true }, failpoint: () => undefined });
  const range = {
    topic: 'service.log',
    partition: 0,
    topicId: 'one',
    records: lines('new', 1, 7),
    askedFrom: undefined,
  };
  expect(await apply(range)).toEqual({ kind: 'applied', next: 8n, records: 1 });
});

/** Records that a projection cannot apply, among good ones, on a real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { escapeIdentifier, type Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { createArchive } from '../../../packages/sagaline/pipeline/archive/archive.ts';
import { createApply } from '../../../packages/sagaline/pipeline/runtime/apply-batch.ts';
import type { Projection } from '../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createSchema } from '../../../packages/sagaline/pipeline/runtime/schema.ts';
import { TooManySetAside, type SetAside } from '../../../packages/sagaline/pipeline/runtime/set-aside.ts';
import { read, recordOf } from '../../support/recorded-events.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { anyWay, readTables, tablesBy, wholeLogs, type Log } from './support/same-tables.ts';
import type { ApplyDeps } from '../../../packages/sagaline/pipeline/runtime/batch.ts';
import { inTransaction, useSchema } from '../../../packages/sagaline/pipeline/runtime/transaction.ts';
import { catalogue } from '../../support/reference.ts';

/** Lines by their level; PostgreSQL refuses "refused", our code throws at "bug", and "outage" is a lock that is not free. */
const levels: Projection = {
  name: 'levels',
  description: 'for this test',
  topics: ['service.log'],
  tables:
    'CREATE TABLE "levels" ("offset" BIGINT PRIMARY KEY, "message" TEXT NOT NULL CHECK ("message" <> \'refused\'))',
  async apply(tx, events) {
    for (const event of events) {
      if (event.type !== 'service.log') continue;
      const { message } = event.payload;
      if (message === 'bug') throw new TypeError('cannot read properties of undefined');
      if (message === 'outage') await tx.query(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '55P03'; END $$`);
      if (message === 'migration') await tx.query('SELECT "nothing" FROM "levels"');
      await tx.query('INSERT INTO "levels" VALUES ($1, $2)', [event.position, message]);
    }
  },
};

let database: TestDatabase;
let pool: Pool;
let schema: string;
let told: SetAside[];

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 4);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});
beforeEach(() => {
  schema = `aside_${randomUUID().replaceAll('-', '')}`;
  told = [];
});
afterEach(() => pool.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`));

async function applying(projection: Projection, deps: Partial<ApplyDeps> = {}) {
  await inTransaction(pool, (client) => createSchema(client, projection, schema));
  const onSetAside = (one: SetAside) => void told.push(one);
  const failpoint = () => undefined;
  const apply = createApply({ ...{ pool, projection, schema, read, failpoint, onSetAside, live: true }, ...deps });
  return (records: Log) => apply({ topic: 'service.log', partition: 0, records, askedFrom: undefined });
}

const linesOf = (...messages: readonly string[]): ConsumedRecord[] =>
  messages.map((message, offset) => recordOf('service.log', { service: 's', level: 'info', message }, { offset }));

const rowsOf = <Row extends object>(sql: string): Promise<Row[]> =>
  inTransaction(pool, async (client) => {
    await useSchema(client, schema);
    return (await client.query<Row>(sql)).rows;
  });
const kept = async () =>
  (await rowsOf<{ message: string }>('SELECT "message" FROM "levels" ORDER BY 1')).map((row) => row.message);
const aside = () =>
  rowsOf('SELECT "topic", "partition", "offset", "records", "reason" FROM "set_aside" ORDER BY "offset"');

describe('a record that PostgreSQL refuses', () => {
  test('is set aside with its place and reason, and told of; the others of its batch are applied', async () => {
    const apply = await applying(levels);
    expect(await apply(linesOf('a', 'refused', 'b', 'c'))).toEqual({ kind: 'applied', next: 4n, records: 4 });
    expect(await kept()).toEqual(['a', 'b', 'c']);
    const reason = 'SQLSTATE 23514 at levels.levels_message_check';
    expect(await aside()).toEqual([{ topic: 'service.log', partition: 0, offset: '1', records: '1', reason }]);
    expect(told).toEqual([{ topic: 'service.log', partition: 0, offset: '1', records: 1, reason }]);
  });

  test('is not applied when it comes again, nor told of again', async () => {
    const apply = await applying(levels);
    await apply(linesOf('a', 'refused', 'b'));
    expect(await apply(linesOf('a', 'refused', 'b'))).toEqual({ kind: 'elsewhere', next: 3n });
    expect(told).toHaveLength(1);
  });
});

describe('what fails for an unknown reason', () => {
  test('has five attempts, for it may pass; then its culprit is set aside', async () => {
    const apply = await applying(levels);
    const records = linesOf('a', 'bug', 'b');
    for (let attempt = 1; attempt < 5; attempt++) await expect(apply(records)).rejects.toThrow(TypeError);
    expect(await apply(records)).toMatchObject({ kind: 'applied', next: 3n });
    expect(await kept()).toEqual(['a', 'b']);
    expect(told).toMatchObject([{ offset: '1', reason: 'TypeError' }]);
  });
});

describe('an outage, or a missing migration', () => {
  test.each(['outage', 'migration'])('sets nothing aside, however often it comes (%s)', async (message) => {
    const apply = await applying(levels);
    for (let attempt = 0; attempt < 8; attempt++) await expect(apply(linesOf('a', message))).rejects.toThrow();
    expect(await aside()).toEqual([]);
    expect(await kept()).toEqual([]);
  });
});

describe('a fault that is not the records', () => {
  const limit = 3;
  const bad = (count: number) => Array.from({ length: count }, () => 'refused');

  test('ends the setting aside: the projection stops in front of the next record, and says what to do', async () => {
    const apply = await applying(levels, { setAsideLimit: limit });
    const records = linesOf('a', ...bad(5), 'b');
    await expect(apply(records)).rejects.toThrow(TooManySetAside);
    await expect(apply(records)).rejects.toThrow(/offset 4 .*deploy .*PIPELINE_SET_ASIDE_LIMIT/s);
    expect(told.map(({ offset }) => offset)).toEqual(['1', '2', '3']);
    expect(await kept()).toEqual(['a']);
  });

  test('is one over several batches, too, and over restarts', async () => {
    const records = linesOf(...bad(5));
    const first = await applying(levels, { setAsideLimit: limit });
    await first(records.slice(0, 2));
    await first(records.slice(2, 3));
    await expect(first(records.slice(3))).rejects.toThrow(TooManySetAside);
    expect(told).toHaveLength(limit);
  });

  test('is none when records between them are applied', async () => {
    const apply = await applying(levels, { setAsideLimit: limit });
    await apply(linesOf(...bad(3), 'a', ...bad(3), 'b', ...bad(3)));
    expect(told).toHaveLength(9);
    expect(await kept()).toEqual(['a', 'b']);
  });
});

test('what nobody can read is counted with all of its records', async () => {
  const apply = await applying(levels);
  const [first, , last] = linesOf('a', 'b', 'c');
  if (!first || !last) throw new Error('three records');
  const undecodable = {
    firstOffset: '1',
    lastOffset: '7',
    reason: 'corrupt',
    message: 'broken',
    bytes: 9,
    sha256: 'f',
  } as const;
  const nothing: ConsumedRecord = { ...last, offset: '7', key: null, value: null, headers: {}, undecodable };
  expect(await apply([first, nothing, { ...last, offset: '8' }])).toMatchObject({ kind: 'applied', next: 9n });
  expect(await kept()).toEqual(['a', 'c']);
  expect(told).toEqual([
    { topic: 'service.log', partition: 0, offset: '7', records: 7, reason: 'undecodable: corrupt' },
  ]);
});

test('the archive keeps the bytes of a record that it cannot read', async () => {
  const policy = { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined };
  const archive = createArchive({ catalogue, policy, extraTopics: [] });
  const apply = await applying(archive, {
    read(record) {
      if (record.offset === '1') throw new RangeError('as a bug would');
      return read(record);
    },
  });
  const records = linesOf('a', 'b', 'c');
  for (let attempt = 1; attempt < 5; attempt++) await expect(apply(records)).rejects.toThrow(RangeError);
  await apply(records);
  const rows = await rowsOf<{ offset: string; fault: string | null; raw_value: Buffer | null }>(
    'SELECT "offset", "fault", "raw_value" FROM "recorded" ORDER BY "offset"',
  );
  expect(rows.map(({ offset, fault }) => [offset, fault])).toEqual([
    ['0', null],
    ['1', 'set-aside'],
    ['2', null],
  ]);
  expect(rows[1]?.raw_value).toEqual(records[1]?.value);
});

test('the tables are the same whatever the batches, and have what they would have without the bad records', async () => {
  const message = fc.constantFrom('a', 'b', 'c', 'refused');
  const logs = fc
    .tuple(...[0, 1].map(() => fc.array(message, { maxLength: 20 })))
    .map((all) =>
      all.map((messages, partition) =>
        messages.map((text, index) =>
          recordOf('service.log', { service: 's', level: 'info', message: text }, { partition, offset: index }),
        ),
      ),
    );
  const byPartition: Projection = {
    ...levels,
    tables: `CREATE TABLE "levels" ("partition" INT, "offset" BIGINT, "message" TEXT NOT NULL CHECK ("message" <> 'refused'),
      PRIMARY KEY ("partition", "offset"))`,
    async apply(tx, events) {
      for (const event of events) {
        if (event.type !== 'service.log') continue;
        const values = [event.record.partition, event.position, event.payload.message];
        await tx.query('INSERT INTO "levels" VALUES ($1, $2, $3)', values);
      }
    },
  };
  await fc.assert(
    fc.asyncProperty(
      logs.chain((all) => fc.tuple(fc.constant(all), anyWay(all))),
      async ([all, way]) => {
        const tables = await tablesBy(pool, byPartition, way);
        expect(tables).toEqual(await tablesBy(pool, byPartition, wholeLogs(all)));
        const isBad = ({ value }: ConsumedRecord) => String(value).includes('refused');
        const good = await tablesBy(pool, byPartition, wholeLogs(all.map((log) => log.filter((one) => !isBad(one)))));
        expect(tables['levels']).toEqual(good['levels']);
        expect(tables['set_aside']).toHaveLength(all.flat().filter(isBad).length);
      },
    ),
    { numRuns: 30 },
  );
  expect(await readTables(pool, schema)).toEqual({});
});

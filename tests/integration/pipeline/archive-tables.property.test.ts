/** The tables of the archive on a real PostgreSQL, whatever the batches and turns: a rebuilt archive is the same, row by row. */
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConsumedRecord } from '../../../packages/sagaline/kafka/port.ts';
import { createArchive } from '../../../packages/sagaline/pipeline/archive/archive.ts';
import { DAY_MS } from '../../../packages/sagaline/pipeline/archive/day.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { anyWay, tablesBy, tablesByMembers, wholeLogs, type Tables } from './support/same-tables.ts';
import { catalogue } from '../../support/reference.ts';

const FIRST_DAY = Date.parse('2026-11-01T00:00:00Z');
const projection = createArchive({
  catalogue,
  policy: { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined },
  extraTopics: ['stock'],
});

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 8);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

const value = fc.oneof(
  fc.constant(Buffer.from('{"userId":"u-1","action":"viewed"}')),
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(null),
);
const record = fc.record({
  value,
  key: fc.option(fc.constantFrom('u-1', 'u-2').map((key) => Buffer.from(key))),
  headers: fc.dictionary(fc.constantFrom('traceparent', 'ce_type', 'other'), fc.string(), { maxKeys: 2 }),
  // A few days, their borders, and a clock that was never set.
  timestamp: fc.oneof(
    fc.integer({ min: 0, max: 5 }).map((day) => FIRST_DAY + day * DAY_MS),
    fc.integer({ min: FIRST_DAY, max: FIRST_DAY + 5 * DAY_MS }),
    fc.constant(-1),
  ),
});

const places = [
  { topic: 'user.activity', partition: 0 },
  { topic: 'user.activity', partition: 1 },
  { topic: 'stock', partition: 0 },
];
const logs = fc.tuple(
  ...places.map((place) =>
    fc
      .array(record, { maxLength: 15 })
      .map((all) => all.map((one, offset): ConsumedRecord => ({ ...one, ...place, offset: String(offset) }))),
  ),
);
const logsAndWay = logs.chain((all) => fc.tuple(fc.constant(all), anyWay(all)));

/** What the tables hold of the records themselves. */
const rowsIn = (tables: Tables): number => [...(tables['events'] ?? []), ...(tables['strays'] ?? [])].length;

test('the tables do not depend on batches, nor on which partition comes first', async () => {
  await fc.assert(
    fc.asyncProperty(logsAndWay, async ([all, way]) => {
      const tables = await tablesBy(pool, projection, way);
      expect(tables).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
      expect(rowsIn(tables)).toBe(all.flat().length);
    }),
    { numRuns: 15 },
  );
});

test('the tables are the same when members apply all partitions at the same time', async () => {
  await fc.assert(
    fc.asyncProperty(logsAndWay, async ([all, way]) => {
      expect(await tablesByMembers(pool, projection, way)).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
    }),
    { numRuns: 15 },
  );
});

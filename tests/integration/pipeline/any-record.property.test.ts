/** Every projection bears every record: nothing is set aside, and the tables are the same whatever the batches. */
import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createArchive } from '../../../packages/sagaline/pipeline/archive/archive.ts';
import { createBehaviour } from '../../../gateways/pipeline/behaviour/projection.ts';
import { createLogs } from '../../../gateways/pipeline/logs/projection.ts';
import { createStatistics } from '../../../gateways/pipeline/statistics/projection.ts';
import { STATISTICS_DEFAULTS } from '../../../gateways/pipeline/statistics/settings.ts';
import { createTestDatabase, createTestPool, type TestDatabase } from '../../support/stack.ts';
import { RECORD_TYPES, anyLogs } from './support/any-record.ts';
import { anyWay, tablesBy, wholeLogs } from './support/same-tables.ts';
import { aSearch } from './support/search.ts';
import { catalogue } from '../../support/reference.ts';

const archive = createArchive({
  catalogue,
  policy: { directory: undefined, graceMs: 0, keepDays: undefined, keepFilesDays: undefined },
  extraTopics: [],
});
const PROJECTIONS = [
  archive,
  createStatistics({
    settings: { ...STATISTICS_DEFAULTS, keepMs: { '1s': Infinity, '1m': Infinity, '1h': Infinity } },
  }),
  createBehaviour({ sessionGapMs: 1_000 }),
  createLogs({ retentionMs: 1e15, burst: { threshold: 2, windowMs: 1_000 } }),
  aSearch({ personalData: true, retentionMs: 1e15 }),
];

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createTestPool(database.url, 4);
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

describe.each(PROJECTIONS)('$name', (projection) => {
  const topics = RECORD_TYPES.filter((type) => projection.topics.includes(type));

  test('bears any record, and does not depend on batches', { timeout: 240_000 }, async () => {
    const logs = anyLogs(topics, 8);
    await fc.assert(
      fc.asyncProperty(
        logs.chain((all) => fc.tuple(fc.constant(all), anyWay(all))),
        async ([all, way]) => {
          const tables = await tablesBy(pool, projection, way);
          expect(tables['set_aside']).toEqual([]);
          expect(tables).toEqual(await tablesBy(pool, projection, wholeLogs(all)));
        },
      ),
      { numRuns: 25 },
    );
  });
});

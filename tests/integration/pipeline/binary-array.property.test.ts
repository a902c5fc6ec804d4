import fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bigintArray,
  byteaArray,
  doubleArray,
  jsonArray,
  textArray,
} from '../../../packages/sagaline/pipeline/runtime/binary-array.ts';
import { createTestDatabase, createTestPool } from '../../support/stack.ts';

let pool: Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  pool = createTestPool(database.url, 1);
  close = async () => {
    await pool.end();
    await database.close();
  };
});
afterAll(() => close());

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const row = fc.record({
  text: fc.option(text),
  json: fc.option(fc.json()),
  bytes: fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes))),
  integer: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  double: fc.double({ noNaN: true }),
});

test('what goes in as a binary array is what PostgreSQL has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row), async (rows) => {
      const { rows: stored } = await pool.query(
        `SELECT "text", "json"::TEXT, "bytes", "integer"::TEXT, "double"
         FROM unnest($1::TEXT[], $2::JSON[], $3::BYTEA[], $4::BIGINT[], $5::FLOAT8[])
           WITH ORDINALITY AS "row" ("text", "json", "bytes", "integer", "double", "n") ORDER BY "n"`,
        [
          textArray(rows.map((one) => one.text)),
          jsonArray(rows.map((one) => one.json)),
          byteaArray(rows.map((one) => one.bytes)),
          bigintArray(rows.map((one) => one.integer)),
          doubleArray(rows.map((one) => one.double)),
        ],
      );
      expect(stored).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});

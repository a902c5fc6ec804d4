import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropSchema } from '../../../packages/sagaline/pipeline/rebuild/drop-schema.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stack.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

test('a schema may have more partitions than one transaction has locks for', async () => {
  await pool.query(
    `CREATE SCHEMA many CREATE TABLE days (day INT PRIMARY KEY) PARTITION BY RANGE (day) CREATE VIEW seen AS SELECT * FROM days`,
  );
  for (let first = 0; first < 130; first += 65) {
    const partitions = Array.from({ length: 65 }, (_, index) => first + index);
    await pool.query(
      partitions
        .map((day) => `CREATE TABLE many."day ${day}" PARTITION OF many.days FOR VALUES FROM (${day}) TO (${day + 1});`)
        .join('\n'),
    );
  }
  const dropped = new Set<string>();
  const watching = new Pool({ connectionString: database.url, max: 1 });
  watching.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query(...args: unknown[]) {
        if (typeof args[0] === 'string' && args[0].startsWith('DROP TABLE')) dropped.add(args[0]);
        return query(...args);
      },
    });
  });
  await dropSchema(watching, 'many');
  await watching.end();
  expect([...dropped].map((sql) => sql.split(',').length)).toEqual([50, 50, 30]);
  expect((await pool.query(`SELECT FROM pg_namespace WHERE nspname = 'many'`)).rowCount).toBe(0);
});

/**
 * The tables of a projection are a function of the topics' records, and of nothing else: not of where batches begin and end, nor
 * of how partitions take turns. This applies the same records in several ways, without Kafka, and tells what the tables are.
 */
import fc from 'fast-check';
import { escapeIdentifier, type Pool } from 'pg';
import { createApply } from '../../../../packages/sagaline/pipeline/runtime/apply-batch.ts';
import type { Projection } from '../../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createSchema } from '../../../../packages/sagaline/pipeline/runtime/schema.ts';
import type { ConsumedRecord } from '../../../../packages/sagaline/kafka/port.ts';
import { unique } from '../../../support/kafka.ts';
import { read } from '../../../support/recorded-events.ts';
import { inTransaction, transactionOf, useSchema } from '../../../../packages/sagaline/pipeline/runtime/transaction.ts';
import type { RecordRange } from '../../../../packages/sagaline/pipeline/runtime/batch.ts';

/** Rows as JSON texts in order, by table. */
export type Tables = Readonly<Record<string, readonly string[]>>;

/** The records of one partition of one topic, in order. */
export type Log = readonly ConsumedRecord[];

/** Batches of several logs in the order in which they are applied. */
export type Way = readonly RecordRange[];

/** Makes the tables in a schema of their own, by batches one after the other. */
export const tablesBy = (pool: Pool, projection: Projection, way: Way): Promise<Tables> =>
  inSchema(pool, projection, async (apply) => {
    for (const range of way) await apply(range);
  });

/** The same, each log by a member of its own, all at the same time. */
export const tablesByMembers = (pool: Pool, projection: Projection, way: Way): Promise<Tables> =>
  inSchema(pool, projection, async (apply) => {
    const logs = new Map<string, RecordRange[]>();
    for (const range of way) {
      const log = `${range.topic}/${range.partition}`;
      logs.set(log, [...(logs.get(log) ?? []), range]);
    }
    const members = [...logs.values()].map(async (ranges) => {
      for (const range of ranges) await apply(range);
    });
    await Promise.all(members);
  });

async function inSchema(
  pool: Pool,
  projection: Projection,
  work: (apply: ReturnType<typeof createApply>) => Promise<void>,
): Promise<Tables> {
  const schema = unique('tables');
  await inTransaction(pool, (client) => createSchema(client, projection, schema));
  try {
    await work(createApply({ pool, projection, schema, read, live: false, failpoint: () => undefined }));
    await inTransaction(pool, async (client) => {
      await useSchema(client, schema);
      await projection.maintenance?.run(transactionOf(client, false));
    });
    return await readTables(pool, schema);
  } finally {
    await pool.query(`DROP SCHEMA ${escapeIdentifier(schema)} CASCADE`);
  }
}

/** Every row of every table of a schema, offsets too; but when it was written, which nothing hangs on. */
export async function readTables(pool: Pool, schema: string): Promise<Tables> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT "tablename" AS "name" FROM "pg_tables" WHERE "schemaname" = $1 ORDER BY 1`,
    [schema],
  );
  const tables: [string, string[]][] = [];
  for (const { name } of rows) {
    const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
    const columns = name === 'set_aside' ? '"topic", "partition", "offset", "records", "reason"' : '*';
    // Not jsonb, which refuses some of what a json column has.
    const found = await pool.query<{ row: string }>(
      `SELECT to_json(t)::TEXT AS "row" FROM (SELECT ${columns} FROM ${table}) AS t ORDER BY 1`,
    );
    tables.push([name, found.rows.map(({ row }) => row)]);
  }
  return Object.fromEntries(tables);
}

/** One batch for each log, one log after the other: the plainest way. */
export const wholeLogs = (logs: readonly Log[]): Way => logs.filter((log) => log.length > 0).map((log) => rangeOf(log));

/** Any way to apply the logs: any batches, partitions taking turns in any order. */
export const anyWay = (logs: readonly Log[]): fc.Arbitrary<Way> =>
  fc
    .array(fc.tuple(fc.nat({ max: 1_000 }), fc.integer({ min: 1, max: 6 })), { maxLength: 80 })
    .map((turns) => waysOf(logs, turns));

function waysOf(logs: readonly Log[], turns: readonly (readonly [log: number, records: number])[]): Way {
  const left = logs.map((log) => [...log]);
  const way: RecordRange[] = [];
  for (const [choice, records] of turns) {
    const open = left.filter((log) => log.length > 0);
    const batch = open[choice % Math.max(1, open.length)]?.splice(0, records) ?? [];
    if (batch.length > 0) way.push(rangeOf(batch));
  }
  return [...way, ...wholeLogs(left)];
}

function rangeOf(records: Log): RecordRange {
  const [first] = records;
  return { topic: first?.topic ?? '', partition: first?.partition ?? 0, records, askedFrom: undefined };
}

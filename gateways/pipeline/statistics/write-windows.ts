import type { ProjectionTransaction } from 'sagaline/pipeline';
import type { Tally } from './tally.ts';

/** A table of sums: its key columns with their types, in the order in which rows are locked. */
interface SumTable {
  readonly name: string;
  readonly key: readonly (readonly [column: string, type: string])[];
  readonly valueType: 'bigint' | 'numeric';
}

const COUNTS: SumTable = {
  name: 'counts',
  key: [
    ['window_ms', 'int'],
    ['measure', 'text'],
    ['window_start', 'bigint'],
    ['label', 'text'],
    ['detail', 'text'],
  ],
  valueType: 'bigint',
};
const AMOUNTS: SumTable = {
  name: 'amounts',
  key: [
    ['window_ms', 'int'],
    ['measure', 'text'],
    ['window_start', 'bigint'],
    ['currency', 'text'],
  ],
  valueType: 'numeric',
};
const DURATIONS: SumTable = {
  name: 'durations',
  key: [
    ['window_ms', 'int'],
    ['window_start', 'bigint'],
    ['bin', 'int'],
  ],
  valueType: 'bigint',
};
const LATE: SumTable = {
  name: 'late',
  key: [
    ['topic', 'text'],
    ['window_ms', 'int'],
  ],
  valueType: 'bigint',
};

/** Adds a tally to the tables, always in this order of tables and of rows: two members wait for each other, and never in a ring. */
export async function writeTally(
  tx: ProjectionTransaction,
  { counts, amounts, durations, late }: Tally,
): Promise<void> {
  await add(tx, COUNTS, counts, (r) => [r.windowMs, r.measure, r.start, r.label, r.detail]);
  await add(tx, AMOUNTS, amounts, (r) => [r.windowMs, r.measure, r.start, r.currency]);
  await add(tx, DURATIONS, durations, (r) => [r.windowMs, r.start, r.bin]);
  await add(tx, LATE, late, (r) => [r.topic, r.windowMs]);
}

async function add<Row extends { readonly value: number | bigint }>(
  tx: ProjectionTransaction,
  table: SumTable,
  cells: ReadonlyMap<string, Row>,
  keyOf: (row: Row) => readonly unknown[],
): Promise<void> {
  const rows = [...cells].filter(([, { value }]) => BigInt(value) !== 0n);
  if (rows.length === 0) return;
  rows.sort(([one], [other]) => (one < other ? -1 : 1));
  const keys = rows.map(([, row]) => keyOf(row));
  const columns = table.key.map((_, index) => keys.map((key) => key[index]));
  const { upsert, removeEmpty } = statementsOf(table);
  await tx.query(upsert, [...columns, rows.map(([, { value }]) => value)]);
  // Only what is taken back can leave nothing, and nothing must look the same as never.
  if (rows.some(([, { value }]) => value < 0)) await tx.query(removeEmpty, columns);
}

function statementsOf({ name, key, valueType }: SumTable): { upsert: string; removeEmpty: string } {
  const columns = key.map(([column]) => `"${column}"`).join(', ');
  const arrays = key.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');
  return {
    upsert: `INSERT INTO "${name}" (${columns}, "value")
      SELECT * FROM unnest(${arrays}, $${key.length + 1}::${valueType}[])
      ON CONFLICT (${columns}) DO UPDATE SET "value" = "${name}"."value" + excluded."value"`,
    removeEmpty: `DELETE FROM "${name}" WHERE (${columns}) IN (SELECT * FROM unnest(${arrays})) AND "value" = 0`,
  };
}

/** What each kind of statistics says about one window, from the rows of the projection; schemas are in ./schemas.ts. */
import { quantilesOf } from '../../pipeline/statistics/sketch.ts';
import type { AmountMeasure, Measure } from '../../pipeline/statistics/tally.ts';
import type { AmountRow, BinRow, CountRow } from './read-windows.ts';

const QUANTILES = [0.5, 0.95, 0.99];
const ERROR_LEVELS: ReadonlySet<string> = new Set(['error', 'fatal']);

export const ORDER_MEASURES = ['orders', 'completed', 'rejected', 'cancelled', 'declines', 'refunds'] as const;
export const SAGA_MEASURES = ['completed', 'rejected', 'cancelled', 'compensated'] as const;

export function ordersIn(counts: readonly CountRow[], amounts: readonly AmountRow[]) {
  return {
    ...totalsOf(ORDER_MEASURES, counts),
    revenue: byCurrency('revenue', amounts),
    refunded: byCurrency('refunded', amounts),
  };
}

export function sagasIn(counts: readonly CountRow[], bins: readonly BinRow[]) {
  const totals = totalsOf(SAGA_MEASURES, counts);
  const ended = totals.completed + totals.rejected + totals.cancelled;
  const [p50, p95, p99] = quantilesOf(bins, QUANTILES) ?? [];
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  return {
    ended,
    ...totals,
    ...(ended > 0 ? { compensationRate: totals.compensated / ended } : {}),
    ...(p50 !== undefined && p95 !== undefined && p99 !== undefined ? { durationMs: { count, p50, p95, p99 } } : {}),
  };
}

export function logsIn(counts: readonly CountRow[]) {
  const logs = counts.filter(({ measure }) => measure === 'logs');
  const services = [...groupBy(logs, ({ label }) => label)].map(([service, rows]) => ({
    service,
    ...errorsOf(rows),
    levels: Object.fromEntries(rows.map(({ detail, value }) => [detail, value])),
  }));
  return { ...errorsOf(logs), services };
}

export function activityIn(counts: readonly CountRow[]) {
  const activities = counts.filter(({ measure }) => measure === 'activities');
  return {
    total: sum(activities),
    ...totalsOf(['signUps'], counts),
    // Names are the producers': a list, because `__proto__` is one of the names that an object cannot have.
    actions: activities.map(({ label, value }) => ({ action: label, count: value })),
  };
}

function errorsOf(rows: readonly CountRow[]) {
  const total = sum(rows);
  const errors = sum(rows.filter(({ detail }) => ERROR_LEVELS.has(detail)));
  return { total, errors, ...(total > 0 ? { errorRate: errors / total } : {}) };
}

function totalsOf<M extends Measure>(measures: readonly M[], counts: readonly CountRow[]): Record<M, number> {
  const totals = measures.map((measure) => [measure, sum(counts.filter((row) => row.measure === measure))] as const);
  return Object.fromEntries(totals) as Record<M, number>;
}

const byCurrency = (measure: AmountMeasure, amounts: readonly AmountRow[]): Record<string, string> =>
  Object.fromEntries(amounts.filter((row) => row.measure === measure).map(({ currency, value }) => [currency, value]));

const sum = (rows: readonly CountRow[]): number => rows.reduce((total, { value }) => total + value, 0);

/** Rows by what `keyOf` says, in the order in which it is first said. */
export function groupBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

/** Statistics, counted in the plainest way: everything in memory, one event at a time, all facts known before any is counted. */
import { DDSketch } from '@datadog/sketches-js';
import { WINDOW_SIZES, type PerSize, type WindowSize } from '../../../../gateways/pipeline/statistics/windows.ts';
import type { ValidEvent, ValidEventOf } from '../../../../packages/sagaline/pipeline/runtime/recorded-event.ts';
import type { events, EventType } from '../../../../workflows/events.ts';
import { read } from '../../../support/recorded-events.ts';
import type { Log } from './same-tables.ts';

/** Narrowed by its type. */
type AppEvent = { [T in EventType]: ValidEventOf<(typeof events)[T]> }[EventType];

interface Seen {
  readonly event: ValidEvent;
  /** Whether the window of this size had closed for it. */
  readonly late: Readonly<Record<WindowSize, boolean>>;
}

const FACT_NAMES: Readonly<Record<string, string>> = {
  'order.created': 'orders',
  'order.completed': 'completed',
  'order.rejected': 'rejected',
  'payment.refunded': 'refunds',
};
const { mapping } = new DDSketch({ relativeAccuracy: 0.01 });

export function statisticsModel(logs: readonly Log[], latenessMs: PerSize) {
  const seen = logs.flatMap((log) => seenOf(log, latenessMs));
  const facts = new Map<string, Seen>();
  for (const one of seen.filter(({ event }) => event.type in FACT_NAMES).sort(byTimeAndPosition)) {
    const key = `${one.event.type} ${one.event.key}`;
    if (!facts.has(key)) facts.set(key, one);
  }
  const sums = new Map<string, { table: string; row: object; value: number }>();
  const add = (table: string, row: object, value = 1) => {
    const key = JSON.stringify([table, row]);
    const sum = sums.get(key) ?? { table, row, value: 0 };
    sums.set(key, { ...sum, value: sum.value + value });
  };

  const records = seen.filter(({ event }) => event.type === 'user.activity' || event.type === 'service.log');
  for (const { event: recorded, late } of [...records, ...facts.values()]) {
    const event = recorded as AppEvent;
    for (const [size, ms] of Object.entries(WINDOW_SIZES) as [WindowSize, number][]) {
      if (late[size]) {
        add('late', { topic: event.type, window_ms: ms });
        continue;
      }
      const at = { window_ms: ms, window_start: event.time - (event.time % ms) };
      const count = (measure: string, label = '', detail = '') => add('counts', { ...at, measure, label, detail });
      if (event.type === 'user.activity') count('activities', event.payload.action);
      else if (event.type === 'service.log') count('logs', event.payload.service, event.payload.level);
      else count(FACT_NAMES[event.type] ?? '');
      if (event.type === 'order.rejected' && event.payload.compensated.length > 0) count('compensated');
      if (event.type === 'order.completed' || event.type === 'payment.refunded') {
        const measure = event.type === 'order.completed' ? 'revenue' : 'refunded';
        add('amounts', { ...at, measure, currency: event.payload.currency }, event.payload.amount);
      }
      const created = facts.get(`order.created ${event.key}`);
      if (created && (event.type === 'order.completed' || event.type === 'order.rejected')) {
        const duration = event.time - created.event.time;
        add('durations', { ...at, bin: duration < 1 ? -1 : mapping.key(duration) });
      }
    }
  }

  const tables: Record<string, object[]> = { counts: [], amounts: [], durations: [], late: [] };
  for (const { table, row, value } of sums.values()) tables[table]?.push({ ...row, value });
  return tables;
}

function seenOf(log: Log, latenessMs: PerSize): Seen[] {
  const before: ValidEvent[] = [];
  return log.flatMap((record) => {
    const event = read(record);
    if (event.fault) return [];
    const clock = Math.max(...before.map(({ time, record: { timestamp } }) => Math.min(time, timestamp)));
    const closed = (size: WindowSize) => {
      const ms = WINDOW_SIZES[size];
      return event.time - (event.time % ms) + ms + latenessMs[size] <= clock;
    };
    before.push(event);
    return [{ event, late: { '1s': closed('1s'), '1m': closed('1m'), '1h': closed('1h') } }];
  });
}

function byTimeAndPosition({ event: one }: Seen, { event: other }: Seen): number {
  const [first, second] = [one.record, other.record];
  return one.time - other.time || first.partition - second.partition || Number(first.offset) - Number(second.offset);
}

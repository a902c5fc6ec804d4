/** Log lines of services, readable by service, level, trace and time; and an alert when one of them logs too many errors. */
import { fields } from 'sagaline';
import { defineProjection, only, type Projection, type ProjectionTransaction } from 'sagaline/pipeline';
import { logEvents } from '../../../workflows/events/service-log.ts';
import { ALERTS, raiseAlerts } from './alerts.ts';
import { foldBursts } from './bursts.ts';
import type { LogsSettings } from './settings.ts';
import { tablesFor } from './tables.ts';
import { addToServices, writeLines } from './write-lines.ts';

/** A line may have 16 KiB, and all of a transaction are in one statement. */
const MAX_RECORDS = 2_000;
const HOUSEKEEPING_MS = 60_000;
/** Rows that one housekeeping removes at most, so that its transaction stays short. */
const MAX_REMOVED = 500_000;

export const logs = defineProjection('logs', {
  env: {
    LOGS_RETENTION: fields.duration('1 day', '3650 days').prefault('7 days'),
    LOGS_BURST_THRESHOLD: fields.count(1, 1_000_000).default(50),
    LOGS_BURST_WINDOW: fields.duration('1 second', '1 day').prefault('1 minute'),
  },
  create: ({ env }) =>
    createLogs({
      retentionMs: env.LOGS_RETENTION,
      burst: { threshold: env.LOGS_BURST_THRESHOLD, windowMs: env.LOGS_BURST_WINDOW },
    }),
});

/** @param now the present, ms since the epoch */
export function createLogs({ retentionMs, burst }: LogsSettings, now: () => number = Date.now): Projection {
  return {
    name: 'logs',
    description: 'log lines of services, and bursts of errors',
    topics: ['service.log'],
    tables: tablesFor(burst),
    additions: ALERTS,
    maxRecords: MAX_RECORDS,
    async apply(tx, events) {
      const lines = only(events, logEvents['service.log']);
      if (lines.length === 0) return;
      await addToServices(tx, lines);
      await writeLines(tx, lines);
      const bursts = await foldBursts(tx, lines, burst);
      if (tx.live) await raiseAlerts(tx, bursts, burst, now());
    },
    maintenance: { everyMs: HOUSEKEEPING_MS, run: (tx) => removeBefore(tx, now() - retentionMs) },
  };
}

/** Skips what a transaction in hand holds: a line that came very late goes the next time. */
async function removeBefore(tx: ProjectionTransaction, time: number): Promise<void> {
  const old = { lines: 'at', error_counts: 'tenth', bursts: 'ended_at', alerts: 'at' };
  for (const [table, column] of Object.entries(old)) {
    await tx.query(
      `DELETE FROM "${table}" WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM "${table}" WHERE "${column}" < $1 ORDER BY "${column}" LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [time, MAX_REMOVED],
    );
  }
}

import type { Logger } from '../../ground/logger.ts';
import type { ProjectionTransaction } from '../runtime/projection.ts';
import { dayOf, daysAfter, isClosed } from './day.ts';
import { bringHome, ensurePartitions, partitionedDays, strayDays } from './partitions.ts';
import { exportDay } from './segments/export-day.ts';
import { SegmentDamaged, dropExported, dropForgotten } from './segments/forget-day.ts';
import { ManifestUnreadable, removeSegment, segmentDays } from './segments/manifest.ts';
import { PartDamaged } from './segments/write-part.ts';
import { recordedDays } from './stored-rows.ts';

/** How long what is kept where. Undefined: for ever. */
export interface ArchivePolicy {
  /** Where days go when they are over; undefined: they stay in PostgreSQL. */
  readonly directory: string | undefined;
  /** After its end, a day is left this long for late records before its files are written, ms. */
  readonly graceMs: number;
  readonly keepDays: number | undefined;
  readonly keepFilesDays: number | undefined;
}

export interface MaintenanceDeps {
  readonly policy: ArchivePolicy;
  readonly logger?: Pick<Logger, 'info' | 'error'> | undefined;
  /** The present, ms since the epoch. */
  readonly now?: () => number;
}

/** One process at a time, be it a pipeline or a command, writes files and drops days: any number, but ours. */
const EXPORT_LOCK = 7744;
/** Exports of one transaction; the rest is the next run's. PostgreSQL cleans nothing up that is newer than its oldest transaction. */
const EXPORT_MS = 20_000;

export async function lockExports(tx: Pick<ProjectionTransaction, 'query'>): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS "locked"', [EXPORT_LOCK]);
  return row?.locked === true;
}

/** Keeps exports and drops away until the transaction ends; waits for one that is under way. */
export async function shareExports(tx: Pick<ProjectionTransaction, 'query'>): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [EXPORT_LOCK]);
}

/** Exports days that are over, drops those whose time has come, keeps strays few, and makes tomorrow's partition. */
export function createMaintenance({ policy, logger, now = Date.now }: MaintenanceDeps) {
  /** Rows that a day had when its files had them all, so that settled days cost nothing. */
  const settled = new Map<string, string>();
  const isForgotten = (day: string, at: number): boolean => isOlderThan(policy.keepFilesDays, day, at);

  return async function maintain(tx: ProjectionTransaction): Promise<void> {
    if (!(await lockExports(tx))) return;
    const at = now();
    if (policy.directory !== undefined) await exportClosed(tx, policy.directory, at);
    await bringHome(tx);
    await ensurePartitions(tx, [dayOf(at), daysAfter(dayOf(at))]);
    // Last, because a drop locks everybody out until the transaction ends: and one day a run.
    if (policy.directory !== undefined) await forget(tx, policy.directory, at);
  };

  async function exportClosed(tx: ProjectionTransaction, directory: string, at: number): Promise<void> {
    const until = performance.now() + EXPORT_MS;
    for (const { day, rows } of await recordedDays(tx)) {
      if (settled.get(day) === rows || !isClosed(day, policy.graceMs, at) || isForgotten(day, at)) continue;
      const exported = await unlessDamaged(day, () => exportDay(tx, directory, day));
      if (!exported) continue;
      if (exported.rows > 0) logger?.info({ ...exported }, 'a day of the archive is in files');
      settled.set(day, rows);
      if (performance.now() > until) return;
    }
  }

  async function forget(tx: ProjectionTransaction, directory: string, at: number): Promise<void> {
    for (const day of await segmentDays(directory)) {
      if (!isForgotten(day, at)) continue;
      await removeSegment(directory, day);
      logger?.info({ day }, 'files of the archive are past their time and removed');
    }
    const held = new Set([...(await partitionedDays(tx)), ...(await strayDays(tx))]);
    for (const day of [...held].sort()) {
      if (!isOlderThan(policy.keepDays, day, at)) continue;
      const drop = () => (isForgotten(day, at) ? dropForgotten(tx, day) : dropExported(tx, directory, day));
      if (!(await unlessDamaged(day, drop))) continue;
      return logger?.info({ day }, 'a day of the archive is in files only, and dropped from PostgreSQL');
    }
  }

  /** A day whose files are not what they should be waits for somebody; the others do not. */
  async function unlessDamaged<T>(day: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const isDamage = [ManifestUnreadable, PartDamaged, SegmentDamaged].some((one) => error instanceof one);
      if (!isDamage) throw error;
      logger?.error({ err: error, day }, 'a day of the archive needs somebody');
      return undefined;
    }
  }
}

/** Whether the day ended `days` days ago, or longer. */
function isOlderThan(days: number | undefined, day: string, at: number): boolean {
  return days !== undefined && day < daysAfter(dayOf(at), -days);
}

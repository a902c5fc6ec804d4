import type { ProjectionTransaction } from '../../runtime/projection.ts';
import { daysAfter } from '../day.ts';
import { partitionOf, partitionedDays } from '../partitions.ts';
import { hasRowsBeyond } from '../stored-rows.ts';
import { sha256Of } from './digest.ts';
import { partPath, readManifest, type Manifest } from './manifest.ts';

/** A file that a manifest names is not the one that was written. */
export class SegmentDamaged extends Error {
  override readonly name = 'SegmentDamaged';
  constructor(path: string) {
    super(
      `${path} is missing, or not what the manifest says: restore it from a copy; the day's rows stay in PostgreSQL`,
    );
  }
}

/** Waits no longer than this for readers and writers of a day: the next run tries again. */
const PATIENCE = '2s';

/**
 * Drops a day's rows, if its files have every one of them; a day of which nothing came needs no files.
 *
 * @returns false when they do not, or somebody is at the rows
 * @throws ManifestUnreadable, SegmentDamaged
 */
export async function dropExported(tx: ProjectionTransaction, archive: string, day: string): Promise<boolean> {
  const manifest = await readManifest(archive, day);
  const upTo = manifest?.upTo ?? [];
  if (await hasRowsBeyond(tx, day, upTo)) return false;
  if (manifest) await checkFiles(archive, manifest);
  return dropRows(tx, day, upTo);
}

/** Drops a day's rows for good: their files are past their time, too. */
export const dropForgotten = (tx: ProjectionTransaction, day: string): Promise<boolean> => dropRows(tx, day, undefined);

async function checkFiles(archive: string, manifest: Manifest): Promise<void> {
  for (const part of manifest.parts) {
    const path = partPath(archive, manifest.segment, part);
    const actual = await sha256Of(path).catch(() => undefined);
    if (actual !== part.sha256) throw new SegmentDamaged(path);
  }
}

async function dropRows(tx: ProjectionTransaction, day: string, upTo: Manifest['upTo'] | undefined): Promise<boolean> {
  await tx.query(`SET LOCAL lock_timeout = '${PATIENCE}'`);
  await tx.query('SAVEPOINT "drop_day"');
  try {
    const isPartitioned = (await partitionedDays(tx)).includes(day);
    // Nobody may write a late record between the last look and the drop.
    if (isPartitioned) await tx.query(`LOCK TABLE "events", "${partitionOf(day)}" IN ACCESS EXCLUSIVE MODE`);
    await tx.query('LOCK TABLE "strays" IN SHARE ROW EXCLUSIVE MODE');
    const isComplete = upTo === undefined || !(await hasRowsBeyond(tx, day, upTo));
    if (isComplete) {
      if (isPartitioned) await tx.query(`DROP TABLE "${partitionOf(day)}"`);
      await tx.query(
        'DELETE FROM "strays" WHERE "record_time" >= $1::TIMESTAMPTZ AND "record_time" < $2::TIMESTAMPTZ',
        [...[`${day} 00:00Z`, `${daysAfter(day)} 00:00Z`]],
      );
    }
    await tx.query('RELEASE SAVEPOINT "drop_day"');
    return isComplete;
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT "drop_day"');
    return false;
  } finally {
    // Back to what the session has: 0 would be a wait without end.
    await tx.query('SET LOCAL lock_timeout TO DEFAULT').catch(() => undefined);
  }
}

const isLockTimeout = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '55P03';

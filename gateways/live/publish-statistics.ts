import type { ProjectionTransaction } from '../pipeline/runtime/projection.ts';
import type { ChangedWindow } from '../pipeline/statistics/changed-windows.ts';

/** Windows of one change, at most: after a backlog a batch may touch thousands, and the newest are what people look at. */
const MAX_WINDOWS = 60;

/** Tells live readers which windows a batch of the statistics changed; it is heard when the batch is committed. */
export async function publishStatistics(tx: ProjectionTransaction, changed: readonly ChangedWindow[]): Promise<void> {
  if (changed.length === 0) return;
  const newestFirst = [...changed].sort((a, b) => b.start - a.start);
  const data = {
    windows: newestFirst.slice(0, MAX_WINDOWS),
    ...(changed.length > MAX_WINDOWS ? { more: changed.length - MAX_WINDOWS } : {}),
  };
  await tx.query(
    `WITH "told" AS (INSERT INTO public."live_changes" ("kind", "data") VALUES ('statistics', $1))
     SELECT pg_notify('sagaline_live', '')`,
    [JSON.stringify(data)],
  );
}

import type { ProjectionTransaction, Tell } from 'sagaline/pipeline';
import type { ChangedWindow } from './changed-windows.ts';

/** Windows of one change, at most: after a backlog a batch may touch thousands, and the newest are what people look at. */
const MAX_WINDOWS = 60;

/** Tells live readers which windows a batch of the statistics changed. */
export function createPublishStatistics(tell: Tell<'statistics'>) {
  return async (tx: ProjectionTransaction, changed: readonly ChangedWindow[]): Promise<void> => {
    if (changed.length === 0) return;
    const newestFirst = [...changed].sort((a, b) => b.start - a.start);
    await tell(tx, 'statistics', {
      windows: newestFirst.slice(0, MAX_WINDOWS),
      ...(changed.length > MAX_WINDOWS ? { more: changed.length - MAX_WINDOWS } : {}),
    });
  };
}

import type { Database } from 'sagaline';

/** Something that happened to what a service keeps. */
export interface PastEvent {
  readonly type: string;
  readonly at: Date;
}

/**
 * What a saga and its participants recorded, oldest first. From the outbox: it has every event from the moment on in which it is
 * true, and keeps it.
 */
export function createHistory(database: Database) {
  return async function historyOf(workflowId: string): Promise<PastEvent[]> {
    const rows = await database.outboxEvent.findMany({
      where: { workflowId },
      select: { type: true, createdAt: true },
      orderBy: { id: 'asc' },
    });
    return rows.map(({ type, createdAt }) => ({ type, at: createdAt }));
  };
}

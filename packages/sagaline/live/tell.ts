import type { ProjectionTransaction } from '../pipeline/runtime/projection.ts';

/**
 * Tells live readers (GET /v1/live) something, as an event of this kind; they hear it when the transaction is committed. While a
 * rebuild repeats history, nobody is told.
 */
export type Tell<Kind extends string> = (tx: ProjectionTransaction, kind: Kind, data: object) => Promise<void>;

export const tellLive: Tell<string> = async (tx, kind, data) => {
  if (!tx.live) return;
  await tx.query(
    `WITH "told" AS (INSERT INTO "sagaline_engine"."live_changes" ("kind", "data") VALUES ($1, $2))
     SELECT pg_notify('sagaline_live', '')`,
    [kind, JSON.stringify(data)],
  );
};

import {
  ActionUndone,
  KeyReused,
  type LocalEffects,
  localParticipant,
  type ParticipantTools,
  sagaLetsAct,
} from 'sagaline';
import { Prisma } from '../../prisma/generated/client.ts';

interface FactRow {
  readonly reversed: boolean;
  readonly same: boolean;
}

/** Local: one idempotent fact per key in our own database. */
interface AnalyticsActivities {
  /** @throws ActionUndone (final) */
  record(input: { subjectId: string; fact: string; amount: number; currency: string; key: string }): Promise<void>;
  reverse(input: { actionKey: string }): Promise<{ reversed: boolean }>;
}

type AnalyticsDeps = Pick<ParticipantTools, 'database' | 'workflowId' | 'failpoint'>;

/**
 * One fact per key, reversed and never deleted; the view `analytics_totals` adds up what stands. One statement each, because
 * these run as local activities.
 */
function createAnalytics({ database, workflowId, failpoint }: AnalyticsDeps): AnalyticsActivities {
  return {
    async record({ subjectId, fact, amount, currency, key }) {
      const ours = workflowId();
      // The update changes nothing; it makes the row that is there come back.
      const [row] = await database.$queryRaw<FactRow[]>`
        INSERT INTO "analytics_facts" ("key", "subject_id", "fact", "amount", "currency", "workflow_id")
        SELECT ${key}, ${subjectId}, ${fact}, ${amount}::bigint, ${currency}, ${ours ?? null}
        WHERE ${sagaLetsAct(ours)}
        ON CONFLICT ("key") DO UPDATE SET "key" = EXCLUDED."key"
        RETURNING "reversed_at" IS NOT NULL AS "reversed",
          ("subject_id", "fact", "amount", "currency") IS NOT DISTINCT FROM
            (${subjectId}::text, ${fact}::text, ${amount}::bigint, ${currency}::text) AS "same"`;
      if (!row || row.reversed) throw new ActionUndone(key);
      if (!row.same) throw new KeyReused(key);
      failpoint('analytics.after-record');
    },

    async reverse({ actionKey }) {
      const [row] = await database.$queryRaw<{ reversed: boolean }[]>`
        INSERT INTO "analytics_facts" ("key", "reversed_at") VALUES (${actionKey}, now())
        ON CONFLICT ("key") DO UPDATE SET "reversed_at" = COALESCE("analytics_facts"."reversed_at", EXCLUDED."reversed_at")
        RETURNING "fact" IS NOT NULL AS "reversed"`;
      return { reversed: row?.reversed ?? false };
    },
  };
}

/** Facts that stand, to a rollback. */
const analyticsEffects: LocalEffects = {
  takeBack: ({ workflowId, when, isKept }) => Prisma.sql`
    UPDATE "analytics_facts" SET "reversed_at" = now()
    WHERE "workflow_id" = ${workflowId} AND "reversed_at" IS NULL AND ${when} AND NOT ${isKept(Prisma.sql`"key"`)}`,
};

/** The participant that counts what happened. */
export const analytics = localParticipant('analytics', { create: createAnalytics, effects: analyticsEffects });

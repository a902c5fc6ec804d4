import type { Database } from '../../prisma/database.ts';
import { ActionUndone, KeyReused } from '../../workflows/contracts/failures.ts';
import type { AnalyticsActivities } from '../../workflows/contracts/participants.ts';

interface FactRow {
  readonly reversed: boolean;
  readonly same: boolean;
}

/**
 * One fact per key, reversed and never deleted; the view `analytics_totals` adds up what stands. One statement each, because
 * these run as local activities.
 */
export function createAnalytics(database: Database): AnalyticsActivities {
  return {
    async record({ subjectId, fact, amount, currency, key }) {
      // The update changes nothing; it makes the row that is there come back.
      const [row] = await database.$queryRaw<FactRow[]>`
        INSERT INTO "analytics_facts" ("key", "subject_id", "fact", "amount", "currency")
        VALUES (${key}, ${subjectId}, ${fact}, ${amount}::bigint, ${currency})
        ON CONFLICT ("key") DO UPDATE SET "key" = EXCLUDED."key"
        RETURNING "reversed_at" IS NOT NULL AS "reversed",
          ("subject_id", "fact", "amount", "currency") IS NOT DISTINCT FROM
            (${subjectId}::text, ${fact}::text, ${amount}::bigint, ${currency}::text) AS "same"`;
      if (row?.reversed) throw new ActionUndone(key);
      if (!row?.same) throw new KeyReused(key);
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

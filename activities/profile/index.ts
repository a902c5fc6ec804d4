import type { Database } from '../../prisma/database.ts';
import { ActionUndone, ProfileExists } from '../../workflows/contracts/failures.ts';
import type { ProfileActivities } from '../../workflows/contracts/participants.ts';

/** Customer profiles: one per user, made once, and taken back with all personal data. One statement each. */
export function createProfiles(database: Database): ProfileActivities {
  return {
    async create({ userId, email, name, locale, key }) {
      const [row] = await database.$queryRaw<{ removed: boolean; mine: boolean }[]>`
        INSERT INTO "profiles" ("user_id", "key", "email", "name", "locale")
        VALUES (${userId}, ${key}, ${email}, ${name}, ${locale ?? null})
        ON CONFLICT ("user_id") DO UPDATE SET "user_id" = EXCLUDED."user_id"
        RETURNING "removed_at" IS NOT NULL AS "removed", "key" = ${key} AS "mine"`;
      if (!row?.mine) throw new ProfileExists(userId);
      if (row.removed) throw new ActionUndone(key);
      return { profileId: userId };
    },

    async remove({ userId, actionKey }) {
      // A profile that another action made is not ours to remove: the update's condition leaves it alone.
      const [row] = await database.$queryRaw<{ removed: boolean }[]>`
        WITH before AS (SELECT "removed_at" FROM "profiles" WHERE "user_id" = ${userId} AND "key" = ${actionKey})
        INSERT INTO "profiles" ("user_id", "key", "removed_at") VALUES (${userId}, ${actionKey}, now())
        ON CONFLICT ("user_id") DO UPDATE SET
          "removed_at" = COALESCE("profiles"."removed_at", EXCLUDED."removed_at"), "email" = NULL, "name" = NULL, "locale" = NULL
        WHERE "profiles"."key" = EXCLUDED."key"
        RETURNING EXISTS (SELECT 1 FROM before) AS "removed"`;
      return { removed: row?.removed ?? false };
    },
  };
}

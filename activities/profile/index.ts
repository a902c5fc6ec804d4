import {
  ActionUndone,
  FinalFailure,
  type LocalEffects,
  localParticipant,
  type ParticipantTools,
  sagaLetsAct,
} from 'sagaline';
import { storableText } from 'sagaline/workflow';
import { Prisma } from '../../prisma/generated/client.ts';

/** The user has a profile already, made by another action. */
class ProfileExists extends FinalFailure {
  constructor(userId: string) {
    super('ProfileExists', `user ${userId} has a profile already`);
  }
}

/** Local: customer profiles in our own database. */
interface ProfileActivities {
  /** @throws ActionUndone (final) */
  create(input: {
    userId: string;
    email: string;
    name: string;
    locale?: string | undefined;
    key: string;
  }): Promise<{ profileId: string }>;
  remove(input: { userId: string; actionKey: string }): Promise<{ removed: boolean }>;
}

type ProfileDeps = Pick<ParticipantTools, 'database' | 'workflowId' | 'failpoint'>;

/** As long as the event that it comes from lets them be; sagas that are started by hand keep to it, too. */
const MAX = { email: 254, name: 200, locale: 35 } as const;

/** What a removed profile has no more. */
const FORGOTTEN = Prisma.sql`"email" = NULL, "name" = NULL, "locale" = NULL`;

/** Customer profiles: one per user, made once, and taken back with all personal data. One statement each. */
function createProfiles({ database, workflowId, failpoint }: ProfileDeps): ProfileActivities {
  return {
    async create({ userId, key, ...person }) {
      const ours = workflowId();
      const email = storableText(person.email, MAX.email);
      const name = storableText(person.name, MAX.name);
      const locale = person.locale === undefined ? null : storableText(person.locale, MAX.locale);
      const [row] = await database.$queryRaw<{ removed: boolean; mine: boolean }[]>`
        INSERT INTO "profiles" ("user_id", "key", "email", "name", "locale", "workflow_id")
        SELECT ${userId}, ${key}, ${email}, ${name}, ${locale}, ${ours ?? null} WHERE ${sagaLetsAct(ours)}
        ON CONFLICT ("user_id") DO UPDATE SET "user_id" = EXCLUDED."user_id"
        RETURNING "removed_at" IS NOT NULL AS "removed", "key" = ${key} AS "mine"`;
      if (!row) throw new ActionUndone(key);
      if (!row.mine) throw new ProfileExists(userId);
      if (row.removed) throw new ActionUndone(key);
      failpoint('profile.after-create');
      return { profileId: userId };
    },

    async remove({ userId, actionKey }) {
      // A profile that another action made is not ours to remove: the update's condition leaves it alone.
      const [row] = await database.$queryRaw<{ removed: boolean }[]>`
        WITH before AS (SELECT "removed_at" FROM "profiles" WHERE "user_id" = ${userId} AND "key" = ${actionKey})
        INSERT INTO "profiles" ("user_id", "key", "removed_at") VALUES (${userId}, ${actionKey}, now())
        ON CONFLICT ("user_id") DO UPDATE SET
          "removed_at" = COALESCE("profiles"."removed_at", EXCLUDED."removed_at"), ${FORGOTTEN}
        WHERE "profiles"."key" = EXCLUDED."key"
        RETURNING EXISTS (SELECT 1 FROM before) AS "removed"`;
      return { removed: row?.removed ?? false };
    },
  };
}

/** Profiles that stand, to a rollback. */
const profileEffects: LocalEffects = {
  takeBack: ({ workflowId, when, isKept }) => Prisma.sql`
    UPDATE "profiles" SET "removed_at" = now(), ${FORGOTTEN}
    WHERE "workflow_id" = ${workflowId} AND "removed_at" IS NULL AND ${when} AND NOT ${isKept(Prisma.sql`"key"`)}`,
};

/** The participant that keeps customer profiles. */
export const profile = localParticipant('profile', { create: createProfiles, effects: profileEffects });

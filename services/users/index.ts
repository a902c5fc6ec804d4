/** The sign-up service: takes sign-ups. Profile, welcome and follow-up are the saga's business. */
import { type Database, eventsOf, factIdOf, type PastEvent, recordEvent, workflowIdOf } from 'sagaline';
import { applicationTables } from '../../prisma/application.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { userEvents, type UserCreated } from '../../workflows/events/user.ts';
import { userStateOf, type UserState } from './user-state.ts';

export interface SignedUp {
  readonly userId: string;
  /** Id of its user.created. */
  readonly eventId: string;
  /** The workflow that handles it, or will in a moment. */
  readonly workflowId: string;
}

export interface UserView {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly locale?: string | undefined;
  readonly state: UserState;
  readonly events: readonly PastEvent[];
  readonly workflowId: string;
}

export interface UserService {
  /**
   * Signs a user up, once: the same sign-up again changes nothing.
   *
   * @throws EmailTaken, UserExists, InvalidEvent
   */
  signUp(user: UserCreated, trace?: { readonly traceparent?: string | undefined }): Promise<SignedUp>;
  /** Whether a user of this id signed up here. */
  knows(userId: string): Promise<boolean>;
  /** A user who signed up here. */
  find(userId: string): Promise<UserView | undefined>;
}

/** Another user has this e-mail address. The message does not repeat it. */
export class EmailTaken extends Error {
  override readonly name = 'EmailTaken';
  constructor() {
    super('another user has this e-mail address');
  }
}

/** The user id belongs to a user with other data. */
export class UserExists extends Error {
  override readonly name = 'UserExists';
  constructor(userId: string) {
    super(`user ${userId} exists, with other data`);
  }
}

/** What handles sign-ups; see workflows/signup.saga.ts. */
const SAGA = 'signupSaga';

export function createUserService({ database }: { readonly database: Database }): UserService {
  const tables = applicationTables(database);

  return {
    async signUp(user, { traceparent } = {}) {
      const { userId } = user;
      await tables.$transaction(async (tx) => {
        if (await isNew(tx, user)) await recordEvent(tx, userEvents['user.created'], user, { traceparent });
      });
      return { userId, eventId: factIdOf(userEvents['user.created'], user), workflowId: workflowIdOf(SAGA, userId) };
    },

    async knows(userId) {
      return (await tables.user.count({ where: { userId } })) > 0;
    },

    async find(userId) {
      const row = await tables.user.findUnique({ where: { userId } });
      if (!row) return undefined;
      const { createdAt, locale, ...rest } = row;
      const workflowId = workflowIdOf(SAGA, userId);
      const events = [{ type: 'user.created', at: createdAt }, ...(await eventsOf(database, workflowId))];
      return { ...rest, ...(locale === null ? {} : { locale }), workflowId, events, state: userStateOf(events) };
    },
  };
}

/**
 * Writes the row. Whichever of the two unique columns another request was faster with, this one waits for its commit, and then
 * looks who is there.
 *
 * @throws EmailTaken, UserExists
 */
async function isNew(tx: Prisma.TransactionClient, { userId, email, name, locale }: UserCreated): Promise<boolean> {
  const inserted = await tx.$executeRaw`
    INSERT INTO "users" ("user_id", "email", "name", "locale") VALUES (${userId}, ${email}, ${name}, ${locale ?? null})
    ON CONFLICT DO NOTHING`;
  if (inserted > 0) return true;
  const known = await tx.user.findUnique({ where: { userId } });
  if (!known) throw new EmailTaken();
  if (known.email === email && known.name === name && known.locale === (locale ?? null)) return false;
  throw new UserExists(userId);
}

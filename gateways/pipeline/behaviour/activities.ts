/** What users do, added up in memory for a batch and then written with one statement a table. */
import { foldIntervals, type Interval, type ProjectionTransaction, type ValidEventOf } from 'sagaline/pipeline';
import type { userEvents } from '../../../workflows/events/user.ts';
import { dayOf, stageOf } from './funnel.ts';

export type Activity = ValidEventOf<(typeof userEvents)['user.activity']>;

interface UserDay {
  readonly day: number;
  readonly userId: string;
  activities: number;
  stages: number;
}

interface PageDay {
  readonly day: number;
  readonly page: string;
  activities: number;
}

export async function applyActivities(
  tx: ProjectionTransaction,
  activities: readonly Activity[],
  sessionGapMs: number,
): Promise<void> {
  const users = new Map<string, Interval[]>();
  const days = new Map<string, UserDay>();
  const pages = new Map<string, PageDay>();
  for (const { time, payload } of activities) {
    const { userId, action, page } = payload;
    const moment = { from: time, to: time, amount: 1 };
    const moments = users.get(userId);
    if (moments) moments.push(moment);
    else users.set(userId, [moment]);
    const day = dayOf(time);
    const userDay = entry(days, `${day}/${userId}`, () => ({ day, userId, activities: 0, stages: 0 }));
    userDay.activities += 1;
    userDay.stages |= stageOf(action);
    if (page === undefined) continue;
    entry(pages, `${day}/${page}`, () => ({ day, page, activities: 0 })).activities += 1;
  }
  await addToUsers(tx, users);
  await addToDays(tx, sorted(days));
  if (pages.size > 0) await addToPages(tx, sorted(pages));
  await foldIntervals(tx, { table: 'sessions', key: 'user_id', amount: 'activities', gapMs: sessionGapMs }, users);
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

/** In one order in every transaction, so that no two wait for each other. */
function sorted<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** Also the lock: of two transactions with activities of one user, the second waits here for the first. */
async function addToUsers(tx: ProjectionTransaction, users: ReadonlyMap<string, readonly Interval[]>): Promise<void> {
  const rows = [...users].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.query(
    `INSERT INTO "users" ("user_id", "first_at", "last_at", "activities")
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
     ON CONFLICT ("user_id") DO UPDATE SET
       "first_at" = LEAST("users"."first_at", EXCLUDED."first_at"),
       "last_at" = GREATEST("users"."last_at", EXCLUDED."last_at"),
       "activities" = "users"."activities" + EXCLUDED."activities"`,
    [
      rows.map(([userId]) => userId),
      rows.map(([, moments]) => moments.reduce((least, { from }) => Math.min(least, from), Infinity)),
      rows.map(([, moments]) => moments.reduce((most, { to }) => Math.max(most, to), -Infinity)),
      rows.map(([, moments]) => moments.length),
    ],
  );
}

async function addToDays(tx: ProjectionTransaction, days: readonly UserDay[]): Promise<void> {
  await tx.query(
    `INSERT INTO "user_days" ("day", "user_id", "activities", "stages")
     SELECT * FROM unnest($1::int[], $2::text[], $3::int[], $4::smallint[])
     ON CONFLICT ("day", "user_id") DO UPDATE SET
       "activities" = "user_days"."activities" + EXCLUDED."activities",
       "stages" = "user_days"."stages" | EXCLUDED."stages"`,
    [
      days.map(({ day }) => day),
      days.map(({ userId }) => userId),
      days.map((row) => row.activities),
      days.map(({ stages }) => stages),
    ],
  );
}

async function addToPages(tx: ProjectionTransaction, pages: readonly PageDay[]): Promise<void> {
  await tx.query(
    `INSERT INTO "pages" ("day", "page", "activities") SELECT * FROM unnest($1::int[], $2::text[], $3::int[])
     ON CONFLICT ("day", "page") DO UPDATE SET "activities" = "pages"."activities" + EXCLUDED."activities"`,
    [pages.map(({ day }) => day), pages.map(({ page }) => page), pages.map((row) => row.activities)],
  );
}

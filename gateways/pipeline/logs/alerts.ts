import { createHash } from 'node:crypto';
import { FIRST_INSTANT_MS, LAST_INSTANT_MS, type ProjectionTransaction } from 'sagaline/pipeline';
import type { AlertRaised } from '../../../workflows/events/alert.ts';
import { QUIET_WINDOWS, type Burst } from './bursts.ts';
import type { BurstSettings } from './settings.ts';

/** What is older is history: a pipeline that reads a topic for the first time must not wake anybody. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** Alerts of all services together within the time in which one service has one: whoever reads so many reads no more. */
export const MAX_ALERTS = 20;

/**
 * When a service had its last alert, or has one coming that was one too many for the moment. Times are of the clock on the wall, ms:
 * what lines say of theirs is their producers' word, and would buy alerts without end.
 */
export const ALERTS = `
  CREATE TABLE IF NOT EXISTS "alerts" (
    "service" TEXT PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "held_back" BOOLEAN NOT NULL
  )`;

interface KnownAlert {
  readonly service: string;
  readonly at: string;
  readonly held_back: boolean;
}

/**
 * Raises an alert for a new burst, in the transaction that stores it. A burst that goes on has had its own: it was new once. A
 * service has one alert in five windows' length, whatever times its lines claim; all services together have MAX_ALERTS, and what is
 * above that is raised later, if the burst still goes on. The caller holds a lock on the row of each service.
 *
 * @param now ms since the epoch
 */
export async function raiseAlerts(
  tx: ProjectionTransaction,
  bursts: readonly Burst[],
  settings: BurstSettings,
  now: number,
): Promise<void> {
  const recent = bursts.filter(({ to }) => to > now - MAX_AGE_MS);
  if (recent.length === 0) return;
  const since = now - QUIET_WINDOWS * settings.windowMs;
  const rows = await tx.query<KnownAlert>('SELECT * FROM "alerts" WHERE "service" = ANY ($1::TEXT[])', [
    [...new Set(recent.map(({ service }) => service))],
  ]);
  const known = new Map(rows.map((row) => [row.service, row]));
  const due = lastOfEach(
    recent.filter(({ service, isNew }) => {
      const last = known.get(service);
      return last?.held_back === true || (isNew && !(last && Number(last.at) > since));
    }),
  );
  if (due.length === 0) return;
  const places = await placesLeft(tx, since);
  const [raised, held] = [due.slice(0, places), due.slice(places)];
  await note(tx, raised, now, false);
  await note(tx, held, now, true);
  // append_outbox locks by key: everybody in the same order.
  const alerts = raised.map((burst) => alertOf(burst, settings)).sort((a, b) => (a.alertId < b.alertId ? -1 : 1));
  for (const alert of alerts) {
    await tx.query(
      `SELECT sagaline_engine.append_outbox($1, 'alert.raised', 'alert.raised', $2, $3::jsonb, NULL, NULL)`,
      [`alert.raised:${alert.alertId}`, alert.alertId, JSON.stringify(alert)],
    );
  }
}

/** Of each service the burst that goes on, or ended last; in the order of services. */
function lastOfEach(bursts: readonly Burst[]): Burst[] {
  const last = new Map<string, Burst>();
  for (const burst of bursts) {
    if (burst.to > (last.get(burst.service)?.to ?? -Infinity)) last.set(burst.service, burst);
  }
  return [...last.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** Two members with bursts take turns from here to the end of their transactions, so that together they keep the bound. */
async function placesLeft(tx: ProjectionTransaction, since: number): Promise<number> {
  await tx.query('LOCK TABLE "alerts" IN SHARE ROW EXCLUSIVE MODE');
  const [row] = await tx.query<{ raised: string }>(
    'SELECT count(*) AS "raised" FROM "alerts" WHERE "at" > $1 AND NOT "held_back"',
    [since],
  );
  return Math.max(0, MAX_ALERTS - Number(row?.raised ?? 0));
}

async function note(
  tx: ProjectionTransaction,
  bursts: readonly Burst[],
  now: number,
  heldBack: boolean,
): Promise<void> {
  if (bursts.length === 0) return;
  await tx.query(
    `INSERT INTO "alerts" SELECT "service", $2::BIGINT, $3::BOOLEAN FROM unnest($1::TEXT[]) AS "burst" ("service")
     ON CONFLICT ("service") DO UPDATE SET "at" = EXCLUDED."at", "held_back" = EXCLUDED."held_back"`,
    [bursts.map(({ service }) => service), now, heldBack],
  );
}

function alertOf({ service, from, count }: Burst, { threshold, windowMs }: BurstSettings): AlertRaised {
  const digest = createHash('sha256').update(`error-burst/${service}/${from}`).digest('hex');
  const at = new Date(Math.min(Math.max(from, FIRST_INSTANT_MS), LAST_INSTANT_MS)).toISOString();
  return {
    alertId: `burst-${digest.slice(0, 32)}`,
    ...{ service, kind: 'error-burst', count, threshold, windowMs, at },
  };
}

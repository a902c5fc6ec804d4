/**
 * Error bursts, in event time: a window that has too many errors of one service, together with all such windows that follow
 * before it has been quiet for a while.
 *
 * Windows slide by a tenth of their length. Errors are counted by tenth, and a window that has too many never has fewer later,
 * so the bursts are the same in whatever order the lines come.
 */
import { type Folded, foldIntervals, type Interval, type ProjectionTransaction } from 'sagaline/pipeline';
import { ERROR, SEVERITY } from './levels.ts';
import type { BurstSettings } from './settings.ts';
import type { LogLine } from './write-lines.ts';

/** A burst is over when no window had too many errors for this many windows: an error rate at the edge is one burst, not ten. */
export const QUIET_WINDOWS = 5;
const SLIDES = 10;

/** A new burst, or one that goes on. */
export interface Burst extends Folded {
  readonly service: string;
  /** The most errors that one of the windows has which this batch added. */
  readonly count: number;
}

interface HotWindow {
  readonly service: string;
  readonly tenth: string;
  readonly errors: string;
}

export const tenthOf = ({ windowMs }: BurstSettings): number => Math.ceil(windowMs / SLIDES);

/** Counts the errors among the lines, and returns the bursts that they begin or prolong. */
export async function foldBursts(
  tx: ProjectionTransaction,
  lines: readonly LogLine[],
  settings: BurstSettings,
): Promise<Burst[]> {
  const counts = countErrors(lines, tenthOf(settings));
  if (counts.length === 0) return [];
  await addCounts(tx, counts);
  const hot = await findHotWindows(tx, counts, settings);
  const windows = new Map<string, Interval[]>();
  for (const { service, tenth } of hot)
    windows.set(service, [...(windows.get(service) ?? []), windowOf(tenth, settings)]);
  const bursts = await foldIntervals(
    tx,
    { table: 'bursts', key: 'service', gapMs: QUIET_WINDOWS * settings.windowMs },
    windows,
  );
  return bursts.map((burst) => {
    const own = hot.filter(({ service, tenth }) => {
      const { from, to } = windowOf(tenth, settings);
      return service === burst.key && from >= burst.from && to <= burst.to;
    });
    return { ...burst, service: burst.key, count: Math.max(...own.map(({ errors }) => Number(errors))) };
  });
}

/** The window that ends with a tenth. */
function windowOf(tenth: string, settings: BurstSettings): Interval {
  const to = Number(tenth) + tenthOf(settings);
  return { from: to - SLIDES * tenthOf(settings), to, amount: 0 };
}

interface ErrorCount {
  readonly service: string;
  readonly tenth: number;
  errors: number;
}

function countErrors(lines: readonly LogLine[], tenthMs: number): ErrorCount[] {
  const counts = new Map<string, ErrorCount>();
  for (const { time, payload } of lines) {
    if (SEVERITY[payload.level] < ERROR) continue;
    const { service } = payload;
    const tenth = Math.floor(time / tenthMs) * tenthMs;
    const count = counts.get(`${service}/${tenth}`) ?? { service, tenth, errors: 0 };
    count.errors += 1;
    counts.set(`${service}/${tenth}`, count);
  }
  return [...counts.values()].sort((a, b) =>
    a.service === b.service ? a.tenth - b.tenth : a.service < b.service ? -1 : 1,
  );
}

async function addCounts(tx: ProjectionTransaction, counts: readonly ErrorCount[]): Promise<void> {
  await tx.query(
    `INSERT INTO "error_counts" ("service", "tenth", "errors") SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[])
     ON CONFLICT ("service", "tenth") DO UPDATE SET "errors" = "error_counts"."errors" + EXCLUDED."errors"`,
    [counts.map(({ service }) => service), counts.map(({ tenth }) => tenth), counts.map(({ errors }) => errors)],
  );
}

/** Of the windows in which a counted tenth lies, and which end with an error, those with too many. */
async function findHotWindows(
  tx: ProjectionTransaction,
  counts: readonly ErrorCount[],
  settings: BurstSettings,
): Promise<HotWindow[]> {
  return tx.query<HotWindow>(
    `SELECT "service", "tenth", "errors" FROM (
       SELECT DISTINCT "last"."service", "last"."tenth"
       FROM unnest($1::text[], $2::bigint[]) AS "counted" ("service", "tenth")
       JOIN "error_counts" AS "last" ON "last"."service" = "counted"."service"
         AND "last"."tenth" >= "counted"."tenth" AND "last"."tenth" < "counted"."tenth" + $3::bigint
     ) AS "windows" CROSS JOIN LATERAL (
       SELECT sum("within"."errors") AS "errors" FROM "error_counts" AS "within"
       WHERE "within"."service" = "windows"."service"
         AND "within"."tenth" > "windows"."tenth" - $3::bigint AND "within"."tenth" <= "windows"."tenth"
     ) AS "counted"
     WHERE "errors" >= $4`,
    [
      counts.map(({ service }) => service),
      counts.map(({ tenth }) => tenth),
      SLIDES * tenthOf(settings),
      settings.threshold,
    ],
  );
}

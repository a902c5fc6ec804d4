import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '../prisma/database.ts';
import { faultOf } from '../ground/fault.ts';

/** What an attempt spends in our own database, as opposed to at its participant. */
export interface OwnTime {
  /** So far, in ms; a statement that is not answered yet counts up to now. */
  readonly ms: () => number;
  /** Whether it waits for our database right now. */
  readonly waiting: () => boolean;
}

interface Meter {
  spentMs: number;
  /** Statements under way, and since when there are any. */
  open: number;
  since: number;
}

const meters = new AsyncLocalStorage<Meter>();
/** Failures that came out of our database, whoever wrapped them since. */
const ours = new WeakSet<object>();

/** Runs an attempt with a meter of its own. */
export function withOwnTime<T>(attempt: (own: OwnTime) => Promise<T>): Promise<T> {
  const meter: Meter = { spentMs: 0, open: 0, since: 0 };
  const waiting = () => meter.open > 0;
  return meters.run(meter, () =>
    attempt({ ms: () => meter.spentMs + (waiting() ? Date.now() - meter.since : 0), waiting }),
  );
}

/**
 * The database as participants get it: what they wait for it is not their step's time, and its outages are known as ours.
 * A statement that it refuses for its content is no outage: trying again cannot help, so that it uses up time like any failure.
 */
export function meteredDatabase(database: Database): Database {
  return database.$extends({
    query: {
      $allOperations: ({ args, query }) => metered(() => query(args)),
    },
  }) as Database;
}

async function metered<T>(statement: () => Promise<T>): Promise<T> {
  const meter = meters.getStore();
  if (meter && meter.open++ === 0) meter.since = Date.now();
  try {
    return await statement();
  } catch (error) {
    if (typeof error === 'object' && error !== null && faultOf(error) !== 'content') ours.add(error);
    throw error;
  } finally {
    if (meter && --meter.open === 0) meter.spentMs += Date.now() - meter.since;
  }
}

/** Whether a failure is an outage of our own database, itself or by its causes. */
export function isOurOutage(error: unknown): boolean {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < MAX_CAUSES; depth += 1) {
    if (ours.has(at)) return true;
    at = (at as { cause?: unknown }).cause;
  }
  return false;
}

const MAX_CAUSES = 10;

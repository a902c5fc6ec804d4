import type { Database } from '../prisma/database.ts';
import { codeOf } from '../ground/fault.ts';
import type { Logger } from '../ground/logger.ts';
import type { Burial } from '../dead-letter/bury.ts';
import type { BurialRule } from './burial-rule.ts';
import type { GiveUp } from './give-up.ts';
import type { IngestObserver } from './observer.ts';
import { ingestFaultOf, type Retry } from './retry.ts';
import { countOverdue, findWaiting, type WaitingPage, type WaitingRow } from './sql/find-waiting.ts';
import { takeExpired } from './sql/take-expired.ts';
import { expiredLetterOf, givenUpOf, recordOfRow } from './waiting.ts';
import type { TakeUpWaiting } from './take-up-waiting.ts';
import type { Routes } from '../dispatch/dispatch.ts';

/** Rows per statement; a sweep goes on until there are fewer. */
const PAGE = 100;
const MAX_INTERVAL_MS = 30_000;
const MIN_INTERVAL_MS = 500;
/** A consumer that is at work on an event is done with it, or with its retries, well before. */
const OVERDUE_MS = 120_000;
/** A letter is written within the transaction that marks its row. */
const BURIAL_TIMEOUT_MS = 30_000;

export interface InboxSweeperDeps {
  readonly database: Database;
  readonly routes: Routes;
  readonly burial: Burial;
  readonly takeUp: TakeUpWaiting;
  readonly giveUp: GiveUp;
  readonly rule: BurialRule;
  readonly observer: IngestObserver;
  readonly logger: Logger;
  /** How long a follow-up may wait for its saga, in ms. */
  readonly parkedWindowMs: number;
  /** How long an event may be recorded without having reached its saga, in ms; two minutes unless told. */
  readonly overdueMs?: number;
}

export interface InboxSweeper {
  /** One sweep; runs by itself from time to time. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

const once: Retry = (_, run) => run();

/**
 * The net under the inbox: brings events whose saga is there although nobody brought them (a consumer died at the wrong moment, a
 * record that does not come again), and dead-letters follow-ups that waited longer than the window. What cannot be taken is set aside
 * alone, by the rule that holds for records. Any number of sweepers may run.
 */
export function createInboxSweeper(deps: InboxSweeperDeps): InboxSweeper {
  const { database, routes, burial, takeUp, giveUp, rule, observer, logger, parkedWindowMs } = deps;
  const { overdueMs = OVERDUE_MS } = deps;
  let closing = false;
  let running: Promise<void> | undefined;

  async function bring(state: WaitingPage['state'], olderThanMs: number): Promise<void> {
    let after: WaitingPage['after'];
    do {
      const rows = await findWaiting(database, { state, olderThanMs, limit: PAGE, after });
      for (const row of rows) if (!closing) await bringOne(row);
      after = rows.length === PAGE ? rows.at(-1) : undefined;
    } while (after && !closing);
  }

  async function bringOne(row: WaitingRow): Promise<void> {
    const { eventId, sagaName } = row;
    try {
      if (await takeUp(row)) rule.gotThrough(row.topic);
    } catch (error) {
      const fault = ingestFaultOf(error);
      if (fault === 'outage') throw error;
      const record = recordOfRow(row);
      const about = { eventId, sagaName, fault, code: codeOf(error), err: error };
      if (!rule.mayBury(record, fault)) return logger.error(about, 'an event that waits in the inbox cannot be taken');
      logger.error(about, 'an event that waits in the inbox cannot be taken, and is buried');
      await giveUp(record, givenUpOf(row, routes), error, once);
      rule.buried(record);
    }
  }

  /** A page in one transaction, so that a letter that cannot be written leaves its rows parked; then those one by one. */
  async function buryExpired(): Promise<void> {
    const except: string[] = [];
    let limit = PAGE;
    while (!closing) {
      const taken: string[] = [];
      try {
        if ((await buryPage(limit, except, taken)) < limit) return;
      } catch (error) {
        if (ingestFaultOf(error) === 'outage') throw error;
        logger.error(
          { code: codeOf(error), err: error, rows: taken.length },
          'expired follow-ups cannot be dead letters',
        );
        if (limit === 1) except.push(...taken);
        if (limit === 1 && taken.length === 0) throw error;
        limit = 1;
      }
    }
  }

  async function buryPage(limit: number, except: readonly string[], taken: string[]): Promise<number> {
    const letters = await database.$transaction(
      async (tx) => {
        const rows = await takeExpired(tx, { windowMs: parkedWindowMs, limit, except });
        taken.push(...rows.map(({ eventId }) => eventId));
        const expired = rows.map(expiredLetterOf);
        await burial.bury(expired, tx);
        return expired;
      },
      { timeout: BURIAL_TIMEOUT_MS },
    );
    burial.tell(letters);
    return letters.length;
  }

  async function tellOverdue(): Promise<void> {
    const { rows, oldestAgeMs } = await countOverdue(database, overdueMs);
    observer.overdue(rows, oldestAgeMs);
    if (rows === 0) return;
    logger.error({ rows, oldestAgeMs }, 'events were recorded and have not reached their sagas');
  }

  /** Each part for itself: what is wrong with one must not keep the others from their work. */
  async function sweep(): Promise<void> {
    const parts = [() => bring('parked', 0), () => bring('received', overdueMs), tellOverdue, buryExpired];
    let failure: { readonly error: unknown } | undefined;
    for (const part of parts) await part().catch((error: unknown) => (failure ??= { error }));
    if (failure) throw failure.error;
  }

  const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, parkedWindowMs / 4));
  const timer = setInterval(() => {
    running ??= sweep()
      .catch((error: unknown) => logger.warn({ err: error }, 'the sweep of the inbox failed and will be tried again'))
      .finally(() => (running = undefined));
  }, intervalMs);

  return {
    sweep,
    async close() {
      closing = true;
      clearInterval(timer);
      await running;
    },
  };
}

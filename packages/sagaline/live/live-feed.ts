/**
 * The changes of sagas, and what projections tell, for any number of readers. What is new is read once for all of them, into a ring of
 * bounded size; a reader that has fallen behind the ring, or resumes from further back, reads its pages from the table. So
 * a slow reader costs no memory.
 */
import type { Database } from '../prisma/database.ts';
import { backoffMs, pause } from '../ground/backoff.ts';
import type { Logger } from '../ground/logger.ts';
import { isAfter, type Change, type Cursor } from './change.ts';
import { createSignal } from '../relay/signal.ts';
import { latestCursor, oldestCursor, readChanges } from './changes-table.ts';
import { listen } from './listen.ts';

const RING = 5_000;
const PAGE = 500;
/** Look without being notified: an open transaction may have held back what others had announced. */
const LOOK_EVERY_MS = 250;
const RECONNECT = { firstMs: 500, maxMs: 5_000 };

export interface LiveFeed {
  /** For somebody who wants only what comes from now on. */
  now(): Promise<Cursor>;
  /** Whether changes right after the cursor are gone: whoever resumes there has missed some. */
  hasGap(after: Cursor): Promise<boolean>;
  /** The next changes after a cursor, at most a page; waits for some, and resolves empty when `signal` aborts or the feed closes. */
  next(after: Cursor, signal: AbortSignal): Promise<readonly Change[]>;
  close(): Promise<void>;
}

interface FeedDeps {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly logger: Logger;
}

export async function createLiveFeed({ database, databaseUrl, logger }: FeedDeps): Promise<LiveFeed> {
  const closing = new AbortController();
  let ring: Change[] = [];
  /** Everything settled after it, up to `newest`, is in the ring. */
  let ringBegins = await latestCursor(database);
  let newest = ringBegins;
  const waiting = new Set<() => void>();
  const news = createSignal();

  async function follow(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      try {
        news.lower();
        const page = await readChanges(database, newest, PAGE);
        if (failures > 0) logger.info({ failures }, 'live changes can be read again');
        failures = 0;
        if (page.length > 0) publish(page);
        if (page.length < PAGE) await news.wait(LOOK_EVERY_MS);
      } catch (error) {
        // Once, however long it lasts; and by the clock alone, whatever is notified meanwhile.
        if (++failures === 1) logger.warn({ err: error }, 'live changes cannot be read at the moment');
        await pause(backoffMs(failures, RECONNECT), closing.signal);
      }
    }
  }

  function publish(page: readonly Change[]): void {
    ring.push(...page);
    newest = page.at(-1)?.cursor ?? newest;
    if (ring.length > RING) {
      const dropped = ring.splice(0, ring.length - RING);
      ringBegins = dropped.at(-1)?.cursor ?? ringBegins;
    }
    wakeAll();
  }

  function wakeAll(): void {
    for (const wake of waiting) wake();
  }

  /** Looked for from the end, where nearly every reader is. */
  function ringAfter(after: Cursor): Change[] {
    const seen = ring.findLastIndex(({ cursor }) => !isAfter(cursor, after));
    return ring.slice(seen + 1, seen + 1 + PAGE);
  }

  function untilWoken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  const listening = listen(databaseUrl, news.raise, closing.signal);
  const following = follow();

  return {
    now: () => latestCursor(database),

    async hasGap(after) {
      // What was tidied away lies before the oldest, and the newest is never tidied away.
      const oldest = await oldestCursor(database);
      return oldest !== undefined && isAfter(oldest, after);
    },

    async next(after, signal) {
      while (!signal.aborted && !closing.signal.aborted) {
        const page = isAfter(ringBegins, after) ? await readChanges(database, after, PAGE) : ringAfter(after);
        if (page.length > 0) return page;
        await untilWoken(signal);
      }
      return [];
    },

    async close() {
      closing.abort();
      news.raise();
      wakeAll();
      await Promise.all([following, listening]);
      ring = [];
    },
  };
}

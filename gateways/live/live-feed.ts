/**
 * The changes of sagas and statistics, for any number of readers. What is new is read once for all of them, into a ring of
 * bounded size; a reader that has fallen behind the ring, or resumes from further back, reads its pages from the table. So
 * a slow reader costs no memory.
 */
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Database } from '../../prisma/database.ts';
import type { Logger } from '../logger.ts';
import { isAfter, type Change, type Cursor } from './change.ts';
import { createSignal } from '../relay/signal.ts';
import { latestCursor, oldestCursor, readChanges, removeOldChanges } from './changes-table.ts';

const CHANNEL = 'sagaline_live';
const RING = 5_000;
const PAGE = 500;
/** Look without being notified: an open transaction may have held back what others had announced. */
const LOOK_EVERY_MS = 250;
const RECONNECT_MS = 1_000;
/** How far back a reader can resume. */
const KEEP_MS = 15 * 60_000;
const TIDY_EVERY_MS = 60_000;

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
    while (!closing.signal.aborted) {
      try {
        news.lower();
        const page = await readChanges(database, newest, PAGE);
        if (page.length > 0) publish(page);
        if (page.length < PAGE) await news.wait(LOOK_EVERY_MS);
      } catch (error) {
        logger.warn({ err: error }, 'live changes cannot be read at the moment');
        news.lower();
        await news.wait(RECONNECT_MS);
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
  const tidy = setInterval(() => void removeOldChanges(database, KEEP_MS).catch(() => undefined), TIDY_EVERY_MS);
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
      clearInterval(tidy);
      await Promise.all([following, listening]);
      ring = [];
    },
  };
}

/** Hears every notification until the signal aborts; connects again when the connection is lost. */
async function listen(databaseUrl: string, onNews: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'sagaline-live', keepAlive: true });
    const ended = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', onNews);
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      onNews();
      await ended;
    } catch {
      // Without it there is still the look by the clock.
      await setTimeout(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
    await client.end().catch(() => undefined);
  }
}

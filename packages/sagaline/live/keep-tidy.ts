import type { Database } from '../prisma/database.ts';
import { pause } from '../ground/backoff.ts';
import type { Logger } from '../ground/logger.ts';
import { removeOldChanges } from './changes-table.ts';

/** How far back a reader of GET /v1/live can resume. */
const KEEP_MS = 15 * 60_000;
const TIDY_EVERY_MS = 60_000;

/**
 * Removes changes that nobody can resume from any more. In every process: whoever changes sagas or views writes them,
 * and where no HTTP part runs, no reader is there to tidy up.
 */
export function keepTidy(database: Database, logger: Logger): { close(): Promise<void> } {
  const closing = new AbortController();
  const tidying = run();

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await tidy();
      await pause(TIDY_EVERY_MS, closing.signal);
    }
  }

  async function tidy(): Promise<void> {
    // What is left stays until the next time; an outage is told by whoever it stops.
    await removeOldChanges(database, KEEP_MS).catch((error: unknown) =>
      logger.debug({ err: error }, 'old live changes could not be removed'),
    );
  }

  return {
    async close() {
      closing.abort();
      await tidying;
    },
  };
}

import type { Database } from '../../prisma/database.ts';
import type { Logger } from '../logger.ts';
import type { DeadLetters } from './dead-letter/create-dead-letters.ts';
import type { DeadLetter } from './dead-letter/letter.ts';
import type { FollowUpDelivery } from './ingest/deliver-follow-up.ts';
import type { IngestObserver } from './ingest/observer.ts';
import { findArrived } from './ingest/sql/find-arrived.ts';
import { settleEvents } from './ingest/sql/settle-events.ts';
import { takeExpired, type ExpiredRow } from './ingest/sql/take-expired.ts';
import { InvalidRecord } from './invalid-record.ts';

/** Rows per statement; a sweep goes on until there are fewer. */
const PAGE = 100;
const MAX_INTERVAL_MS = 30_000;
const MIN_INTERVAL_MS = 500;

export interface ParkedSweeperDeps {
  readonly database: Database;
  readonly deadLetters: DeadLetters;
  readonly deliverFollowUp: FollowUpDelivery;
  readonly observer: IngestObserver;
  readonly logger: Logger;
  /** How long a follow-up may wait for its saga, in ms. */
  readonly parkedWindowMs: number;
}

export interface ParkedSweeper {
  /** One sweep; runs by itself from time to time. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The net under the parked follow-ups: brings those whose saga is there although nobody brought them (a consumer died at the
 * wrong moment), and dead-letters those that waited longer than the window. Any number of sweepers may run.
 */
export function createParkedSweeper(deps: ParkedSweeperDeps): ParkedSweeper {
  const { database, deadLetters, deliverFollowUp, observer, logger, parkedWindowMs } = deps;
  let closing = false;
  let running: Promise<void> | undefined;

  async function bringArrived(): Promise<void> {
    for (const parked of await findArrived(database, PAGE)) {
      const delivered = await deliverFollowUp(parked);
      if (delivered.state === 'parked') continue;
      await settleEvents(database, [delivered]);
      observer.outcome(delivered.state, parked.followUp.type, parked.sagaName);
    }
  }

  /** In one transaction, so that a letter that cannot be written leaves the rows parked. */
  async function buryExpired(): Promise<number> {
    const letters = await database.$transaction(
      async (tx) => {
        const taken = (await takeExpired(tx, parkedWindowMs, PAGE)).map(toDeadLetter);
        await deadLetters.write(taken, tx);
        return taken;
      },
      { timeout: 30_000 },
    );
    for (const { record, error } of letters) observer.deadLettered(record.topic, error.reason);
    return letters.length;
  }

  async function sweep(): Promise<void> {
    await bringArrived();
    while (!closing && (await buryExpired()) === PAGE);
  }

  const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, parkedWindowMs / 4));
  const timer = setInterval(() => {
    running ??= sweep()
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'the sweep of parked follow-ups failed and will be tried again'),
      )
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

/** The inbox kept the parsed payload, not the bytes: the letter has the event as plain JSON. */
function toDeadLetter(row: ExpiredRow): DeadLetter {
  const { topic, partition, offset, key, payload, traceparent, receivedAt } = row;
  return {
    record: {
      topic,
      partition,
      offset: String(offset),
      key: key === null ? null : Buffer.from(key),
      value: payload === null ? null : Buffer.from(JSON.stringify(payload)),
      headers: traceparent === null ? {} : { traceparent },
      timestamp: receivedAt.getTime(),
    },
    error: new InvalidRecord('saga-not-found', '', 'no saga came for this event within the window'),
  };
}

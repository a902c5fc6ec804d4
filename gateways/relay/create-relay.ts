import type { Failpoint } from '../../activities/failpoints.ts';
import type { RecordProducer } from '../kafka/port.ts';
import type { Logger } from '../logger.ts';
import { openOutboxSession, type OutboxRow, type OutboxSession } from './outbox-session.ts';
import { publish, type RefusedLanes } from './publish.ts';
import { createSignal } from './signal.ts';

/** What the relay tells to metrics. */
export interface RelayObserver {
  /** These rows are on Kafka, and marked. */
  published?(rows: readonly Pick<OutboxRow, 'topic' | 'type' | 'createdAt'>[]): void;
  /** Age of the oldest event that is not on Kafka yet, in ms; 0 when there is none. Told at every slow poll. */
  lag?(oldestAgeMs: number): void;
  /** How many of the sixteen lanes this relay holds. */
  lanes?(held: number): void;
}

export interface RelayDeps {
  readonly databaseUrl: string;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly failpoint: Failpoint;
  readonly logger: Logger;
  readonly observer?: RelayObserver;
  /** Time between polls when nobody notifies, ms. */
  readonly pollMs?: number;
}

export interface Relay {
  /** True while outbox and Kafka work; also for a relay that stands by because another holds all lanes. */
  isReady(): boolean;
  /** Publishes what the outbox still holds, for at most `boundMs`, and lets go of the lanes. The producer stays open. */
  close(boundMs?: number): Promise<void>;
}

const BATCH_ROWS = 512;
const STALE_AFTER_MS = 15_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

/**
 * Carries the outbox to Kafka, in order per key.
 *
 * One relay holds a lane at a time, by a session lock on the same connection that reads and marks; another takes over when that
 * connection ends. A relay that lost its connection may have one send on its way still. That does no harm: a send always begins
 * with the oldest unmarked row of each key, so whoever sends what again, the first copies of a key are in order.
 */
export function createRelay(deps: RelayDeps): Relay {
  const { databaseUrl, logger, observer = {}, pollMs = 1_000 } = deps;
  const wake = createSignal();
  const refused = new Map<number, { until: number; attempt: number }>();
  let session: OutboxSession | undefined;
  let closeBy: number | undefined;
  let lastRound = 0;
  let failing = false;
  let heldLanes = 0;

  const publishing = { ...deps, onPublished: (rows: readonly OutboxRow[]) => observer.published?.(rows) };

  async function run(): Promise<void> {
    for (let attempt = 0; !isOver(); attempt++) {
      try {
        session = await openOutboxSession(databaseUrl, wake.raise);
        await relay(session, () => (attempt = 0));
      } catch (error) {
        failing = true;
        const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        if (closeBy === undefined) logger.error({ reason, attempt }, 'the relay cannot publish, and starts again');
        else logger.warn({ reason }, 'the relay could not publish everything before it closed');
      } finally {
        tellLanes(0);
        await session?.close().catch(() => undefined);
        session = undefined;
      }
      wake.lower();
      if (!isOver()) await wake.wait(Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt));
    }
  }

  /** Rounds over one session, until it is lost or the relay closes. */
  async function relay(session: OutboxSession, onRound: () => void): Promise<void> {
    let nextPoll = 0;
    let lanes: readonly number[] = [];
    while (!isOver()) {
      if (!session.isAlive()) throw new Error('the relay lost its database connection, and its lanes with it');
      wake.lower();
      if (Date.now() >= nextPoll) {
        lanes = await session.takeLanes();
        tellLanes(lanes.length);
        observer.lag?.(await session.oldestAgeMs());
        nextPoll = Date.now() + pollMs;
      }
      const more = await round(session, lanes.filter(isOpen));
      lastRound = Date.now();
      failing = false;
      onRound();
      if (more) continue;
      if (closeBy !== undefined) return;
      await wake.wait(nextPoll - Date.now());
    }
  }

  /** Publishes one batch; true when there may be more. */
  async function round(session: OutboxSession, lanes: readonly number[]): Promise<boolean> {
    if (lanes.length === 0) return false;
    const rows = await session.read(lanes, BATCH_ROWS);
    if (rows.length === 0) return false;
    // The locks may have gone while the rows were on their way: another relay may hold them by now.
    if (!session.isAlive()) return true;
    noteRefusals(await publish(session, rows, publishing), lanes);
    return true;
  }

  function noteRefusals(refusals: RefusedLanes, lanes: readonly number[]): void {
    for (const lane of lanes) if (!refusals.has(lane)) refused.delete(lane);
    for (const [lane, error] of refusals) {
      const attempt = (refused.get(lane)?.attempt ?? 0) + 1;
      const retryMs = Math.min(6 * MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
      refused.set(lane, { until: Date.now() + retryMs, attempt });
      logger.error({ lane, topics: error.topics, code: error.code, retryMs }, 'Kafka refuses an event; its lane waits');
    }
  }

  const isOpen = (lane: number) => (refused.get(lane)?.until ?? 0) <= Date.now();
  /** Closing, and out of time or without a session to drain by. */
  const isOver = () => closeBy !== undefined && (Date.now() >= closeBy || !session);

  function tellLanes(held: number): void {
    if (held !== heldLanes) logger.info({ lanes: held }, 'outbox lanes held');
    heldLanes = held;
    observer.lanes?.(held);
  }

  const running = run();
  return {
    isReady: () =>
      closeBy === undefined && !failing && refused.size === 0 && Date.now() - lastRound < pollMs + STALE_AFTER_MS,
    async close(boundMs = 5_000) {
      closeBy = Date.now() + boundMs;
      wake.raise();
      let overrun: NodeJS.Timeout | undefined;
      const bound = new Promise<void>((resolve) => (overrun = setTimeout(resolve, boundMs)));
      await Promise.race([running, bound]);
      clearTimeout(overrun);
      // Nothing to do when the relay ended by itself; else the lanes are let go of under the send that hangs.
      await session?.close();
    },
  };
}

import type { Failpoint } from '../ground/failpoints.ts';
import { backoffMs, pause } from '../ground/backoff.ts';
import type { RecordProducer } from '../kafka/port.ts';
import type { Logger } from '../ground/logger.ts';
import { openOutboxSession, type OutboxRow, type OutboxSession, type Standing } from './outbox-session.ts';
import { createHolds } from './holds.ts';
import { publish } from './publish.ts';
import { relayState, type RelayState } from './relay-state.ts';
import { createSignal } from './signal.ts';

/** What the relay tells to metrics. */
export interface RelayObserver {
  /** These rows are on Kafka, and marked. */
  published?(rows: readonly Pick<OutboxRow, 'topic' | 'type' | 'createdAt'>[]): void;
  /** Kafka refused an event. */
  refused?(topic: string, code: string): void;
  /** How the whole outbox stands. Told at every slow poll. */
  standing?(standing: Pick<Standing, 'oldestAgeMs' | 'refused' | 'buried'>): void;
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
  /** Whether outbox and Kafka work; also for a relay that stands by because another holds all lanes. */
  state(): RelayState;
  /** Publishes what the outbox still holds, for at most `boundMs`, and lets go of the lanes. The producer stays open. */
  close(boundMs?: number): Promise<void>;
}

const BATCH_ROWS = 512;
const ROUND_BOUND_MS = 15_000;
const RECONNECT = { firstMs: 250, maxMs: 5_000 };
const DUE_ROWS = 16;

/**
 * Carries the outbox to Kafka, in order per topic and key.
 *
 * One relay holds a lane at a time, by a session lock on the same connection that reads and marks; another takes over when that
 * connection ends. A relay that lost its connection may have one send on its way still. That does no harm: a send always begins
 * with the oldest unmarked row of each key, so whoever sends what again, the first copies of a key are in order.
 */
export function createRelay(deps: RelayDeps): Relay {
  const { databaseUrl, logger, observer = {}, pollMs = 1_000 } = deps;
  const wake = createSignal();
  const closing = new AbortController();
  const holds = createHolds({ logger, onRefused: (topic, code) => observer.refused?.(topic, code) });
  let session: OutboxSession | undefined;
  let closeBy: number | undefined;
  let lastRound = performance.now();
  let failing = false;
  let heldLanes = 0;
  let standing: Standing | undefined;
  /** The oldest row of others' lanes, since when it has been that one, and for how long at the last look. */
  let elsewhere = { oldest: null as string | null, since: 0, stuckMs: 0 };

  const publishing = { ...deps, onPublished: (rows: readonly OutboxRow[]) => observer.published?.(rows) };

  async function run(): Promise<void> {
    for (let failures = 0; !isOver();) {
      try {
        session = await openOutboxSession(databaseUrl, wake.raise);
        await relay(session, () => (failures = noteRecovery(failures)));
      } catch (error) {
        noteFailure(++failures, error);
      } finally {
        tellLanes(0);
        await session?.close().catch(() => undefined);
        session = undefined;
      }
      // By the clock alone: a notification says nothing about whether the server is back.
      if (!isOver()) await pause(backoffMs(failures, RECONNECT), closing.signal);
    }
  }

  /** Rounds over one session, until it is lost or the relay closes. */
  async function relay(session: OutboxSession, onRound: () => void): Promise<void> {
    let nextPoll = 0;
    let lanes: readonly number[] = [];
    while (!isOver()) {
      if (!session.isAlive()) throw new Error('the relay lost its database connection, and its lanes with it');
      wake.lower();
      if (performance.now() >= nextPoll) {
        lanes = await poll(session);
        nextPoll = performance.now() + pollMs;
      }
      const more = await round(session, lanes);
      lastRound = performance.now();
      onRound();
      if (more) continue;
      if (closeBy !== undefined) return;
      const pauseMs = lanes.length > 0 ? holds.nextMs() : Infinity;
      await wake.wait(Math.min(nextPoll - performance.now(), pauseMs));
    }
  }

  /** Takes what lanes there are, sees how the outbox stands, and tries refused rows again whose time has come. */
  async function poll(session: OutboxSession): Promise<readonly number[]> {
    const lanes = await session.takeLanes();
    tellLanes(lanes.length);
    if (lanes.length > 0) {
      for (const row of await session.due(lanes, DUE_ROWS)) {
        // One failure a poll: it costs time, which all the others wait for.
        if (!session.isAlive() || closeBy !== undefined || !(await retry(session, row))) break;
        await session.releaseTopic(row.topic);
      }
    }
    standing = await session.standing(lanes);
    holds.saw(standing);
    lookElsewhere(standing);
    observer.standing?.(standing);
    return lanes;
  }

  /** Publishes one batch; true when there may be more. */
  async function round(session: OutboxSession, lanes: readonly number[]): Promise<boolean> {
    if (lanes.length === 0) return false;
    for (const topic of holds.dueTopics()) {
      const row = await session.oldestOf(lanes, topic);
      if (!row || (await retry(session, row))) holds.resume(topic);
      else break;
    }
    const rows = await session.read(lanes, BATCH_ROWS, holds.held());
    if (rows.length === 0) return false;
    // The locks may have gone while the rows were on their way: another relay may hold them by now.
    if (!session.isAlive()) return true;
    await holds.note(session, await publish(session, rows, publishing));
    return true;
  }

  /** One row that was not taken before; true when it is now. */
  async function retry(session: OutboxSession, row: OutboxRow): Promise<boolean> {
    const refusals = await publish(session, [row], publishing);
    await holds.note(session, refusals);
    return refusals.length === 0;
  }

  function lookElsewhere({ oldestElsewhere: oldest }: Standing): void {
    const now = performance.now();
    const same = oldest !== null && oldest === elsewhere.oldest;
    elsewhere = same ? { ...elsewhere, stuckMs: now - elsewhere.since } : { oldest, since: now, stuckMs: 0 };
  }

  /** Once, however long it lasts: readiness tells the rest. */
  function noteFailure(failures: number, error: unknown): void {
    failing = true;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (closeBy !== undefined) logger.warn({ reason }, 'the relay could not publish everything before it closed');
    else if (failures === 1) logger.error({ reason }, 'the relay cannot work, and tries again until it can');
    else logger.debug({ reason, failures }, 'the relay cannot work yet');
  }

  function noteRecovery(failures: number): 0 {
    failing = false;
    if (failures > 0) logger.info({ failures }, 'the relay works again');
    return 0;
  }

  /** Closing, and out of time or without a session to drain by. */
  const isOver = () => closeBy !== undefined && (performance.now() >= closeBy || !session);

  function tellLanes(held: number): void {
    if (held !== heldLanes) logger.info({ lanes: held }, 'outbox lanes held');
    heldLanes = held;
    observer.lanes?.(held);
  }

  const running = run();
  return {
    state: () =>
      relayState({
        closing: closeBy !== undefined,
        hasSession: !failing && standing !== undefined,
        sinceLastRoundMs: performance.now() - lastRound,
        roundBoundMs: pollMs + ROUND_BOUND_MS,
        pausedTopics: holds.pausedTopics(),
        standing,
        stuckElsewhereMs: elsewhere.stuckMs,
      }),
    async close(boundMs = 5_000) {
      closeBy = performance.now() + boundMs;
      closing.abort();
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

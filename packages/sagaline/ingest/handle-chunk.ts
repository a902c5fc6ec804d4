import type { LimitFunction } from 'p-limit';
import type { Failpoint } from '../ground/failpoints.ts';
import type { Database } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { SagaStarter } from '../temporal/start-saga.ts';
import type { Burial } from '../dead-letter/bury.ts';
import type { DeadLetter } from '../dead-letter/letter.ts';
import { InvalidRecord } from '../events/invalid-record.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { ReplaySeal } from '../replay/replay-seal.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { ParkedFollowUp, Transition } from './arrival.ts';
import { groupBy, settleAll } from './concurrency.ts';
import type { FollowUpDelivery } from './deliver-follow-up.ts';
import { judge, type Judged } from './judge.ts';
import type { IngestObserver, Outcome } from './observer.ts';
import { readRecords } from './read-records.ts';
import { BatchAbandoned, ingestFaultOf, type Retry } from './retry.ts';
import type { InboxState } from './sql/inbox-state.ts';
import { findReceived } from './sql/find-waiting.ts';
import { settleEvents } from './sql/settle-events.ts';
import { startArrival } from './start-arrival.ts';
import type { TakeUpWaiting } from './take-up-waiting.ts';

export interface ChunkDeps {
  readonly database: Database;
  readonly routes: Routes;
  readonly catalogue: Catalogue;
  readonly seal: ReplaySeal;
  readonly burial: Burial;
  readonly startSaga: SagaStarter;
  readonly deliverFollowUp: FollowUpDelivery;
  readonly takeUp: TakeUpWaiting;
  readonly observer: IngestObserver;
  readonly failpoint: Failpoint;
  /** Bounds starts and signals in flight, over all partitions. */
  readonly limit: LimitFunction;
}

/** What was done for the arrivals of one chunk, and what could not be. */
interface TakenUp {
  readonly transitions: readonly Transition[];
  readonly failures: readonly unknown[];
}

/**
 * Takes a chunk of records as far as it can be taken: when this resolves, every one of them is started, signalled, parked, a
 * known duplicate, ignored by rule, or a dead letter, durably. It may run again from any point at which it broke off; what
 * succeeded before it throws is settled.
 */
export function createChunkHandler(deps: ChunkDeps) {
  const { database, burial, startSaga, deliverFollowUp, takeUp, observer, failpoint, limit } = deps;

  /** Resolves with what became of the events, for each saga that they reach. */
  return async function handleChunk(records: readonly ConsumedRecord[], retry: Retry): Promise<readonly Outcome[]> {
    const { arrivals, letters } = readRecords(records, deps);
    const judged = await retry('record', () => judge(database, arrivals));
    const starts = judged.filter(({ verdict }) => verdict.kind === 'start').length;
    if (starts > 0) failpoint('ingest.after-inbox');
    await finishFirst(judged, retry);
    await bury([...letters, ...judged.flatMap(conflictOf)], retry);
    const { transitions, failures } = await takeUpAll(judged, retry);
    if (starts > 0) failpoint('ingest.after-start');
    await settle(judged, [...judged.flatMap(settledOf), ...transitions], retry);
    const outcomes = report(judged, transitions);
    if (failures.length > 0) throw worstOf(failures);
    return outcomes;
  };

  async function bury(letters: readonly DeadLetter[], retry: Retry): Promise<void> {
    if (letters.length > 0) await retry('dead-letter', () => burial.bury(letters));
  }

  /** A second story is no reason to leave the first one untold: it may be all that anybody hears of its saga. */
  async function finishFirst(judged: readonly Judged[], retry: Retry): Promise<void> {
    for (const { arrival, verdict } of judged) {
      if (verdict.kind !== 'conflict' || !verdict.unfinished) continue;
      const { eventId, sagaName } = transitionOf(arrival, 'received');
      const row = await retry('record', () => findReceived(database, { eventId, sagaName }));
      if (row) await retry('start', () => takeUp(row));
    }
  }

  /** Keys run in parallel; the events of one key one after the other, as they came. A failure ends its own key only. */
  async function takeUpAll(judged: readonly Judged[], retry: Retry): Promise<TakenUp> {
    const work = judged.filter(({ verdict }) => verdict.kind === 'start' || verdict.kind === 'deliver');
    const groups = groupBy(work, ({ arrival }) => arrival.event.key);
    const done = await Promise.all(groups.map((group) => limit(() => takeUpInOrder(group, retry))));
    return {
      transitions: done.flatMap(({ transitions }) => transitions),
      failures: done.flatMap(({ failures }) => failures),
    };
  }

  async function takeUpInOrder(group: readonly Judged[], retry: Retry): Promise<TakenUp> {
    const transitions: Transition[] = [];
    try {
      for (const { arrival, verdict } of group) {
        if (verdict.kind === 'start') {
          transitions.push(...(await retry('start', () => startArrival(startSaga, arrival, verdict.parked))));
        } else {
          transitions.push(await deliver(followUpOf(arrival), transitions, retry));
        }
      }
      return { transitions, failures: [] };
    } catch (error) {
      return { transitions, failures: [error] };
    }
  }

  /** What a saga wants once is not brought twice, though both came before the first could be noted. */
  async function deliver(parked: ParkedFollowUp, before: readonly Transition[], retry: Retry): Promise<Transition> {
    const { sagaName, workflowId, followUp } = parked;
    const hadOne = before.some((one) => one.workflowId === workflowId && one.deliveredType === followUp.type);
    if (hadOne) return { eventId: followUp.eventId, sagaName, workflowId, state: 'ignored' };
    return retry('signal', () => deliverFollowUp(parked));
  }

  /**
   * Writes the new states, then looks once more: a follow-up may have been parked while its saga was being started, by this
   * chunk or by another consumer. Whoever commits last sees the other one's row.
   */
  async function settle(judged: readonly Judged[], transitions: readonly Transition[], retry: Retry): Promise<void> {
    const watched = judged.flatMap(({ arrival, verdict }) =>
      verdict.kind === 'parked' ? [arrival.target.workflowId] : [],
    );
    if (transitions.length === 0 && watched.length === 0) return;
    const found = await retry('settle', () => settleEvents(database, transitions, watched));
    const late = [...found, ...judged.filter(isParkedBy(transitions)).map(({ arrival }) => followUpOf(arrival))];
    if (late.length === 0) return;
    const groups = groupBy(late, ({ workflowId }) => workflowId);
    const brought = await settleAll(groups.map((group) => limit(() => bringLate(group, retry))));
    await retry('settle', () => settleEvents(database, brought.flat()));
  }

  /** One that its saga cannot take is not this chunk's fault: it stays parked, and the sweeper sets it aside. */
  async function bringLate(group: readonly ParkedFollowUp[], retry: Retry): Promise<Transition[]> {
    const done: Transition[] = [];
    for (const parked of group) {
      try {
        done.push(await deliver(parked, done, retry));
      } catch (error) {
        if (error instanceof BatchAbandoned || ingestFaultOf(error) === 'outage') throw error;
        break;
      }
    }
    return done;
  }

  /** What was not taken up is told when it is. */
  function report(judged: readonly Judged[], transitions: readonly Transition[]): readonly Outcome[] {
    const reached = new Map(transitions.map((one) => [idOf(one), one.state]));
    return judged.flatMap(({ arrival, verdict }) => {
      if (verdict.kind === 'conflict') return [];
      const isOpen = verdict.kind === 'start' || verdict.kind === 'deliver';
      const outcome = (isOpen ? reached.get(idOf(transitionOf(arrival, 'received'))) : verdict.kind) as
        Outcome | undefined;
      if (outcome === undefined) return [];
      observer.outcome(outcome, arrival.event.type, arrival.target.route.saga.name);
      return [outcome];
    });
  }
}

/** An outage says nothing of the records, so it goes before what does. */
function worstOf(failures: readonly unknown[]): unknown {
  const abandoned = failures.find((error) => error instanceof BatchAbandoned);
  return abandoned ?? failures.find((error) => ingestFaultOf(error) === 'outage') ?? failures[0];
}

export type ChunkHandler = ReturnType<typeof createChunkHandler>;

function followUpOf({ event, target }: Judged['arrival']): ParkedFollowUp {
  const followUp = { type: event.type, eventId: event.eventId, data: event.payload };
  return { sagaName: target.route.saga.name, workflowId: target.workflowId, followUp };
}

function conflictOf({ arrival, verdict }: Judged): DeadLetter[] {
  if (verdict.kind !== 'conflict') return [];
  const message = 'an event of this id, or for this saga, was accepted before with other content';
  return [{ record: arrival.record, error: new InvalidRecord('conflicting-duplicate', '', message) }];
}

/** Rows that this delivery made although another event had come first. */
function settledOf({ arrival, verdict }: Judged): Transition[] {
  if (verdict.kind === 'start' || verdict.kind === 'deliver' || verdict.settle === undefined) return [];
  return [transitionOf(arrival, verdict.settle)];
}

function transitionOf({ event, target }: Judged['arrival'], state: InboxState): Transition {
  return { eventId: event.eventId, sagaName: target.route.saga.name, workflowId: target.workflowId, state };
}

/** An event reaches each saga once. */
function idOf({ eventId, sagaName }: Pick<Transition, 'eventId' | 'sagaName'>): string {
  return `${sagaName} ${eventId}`;
}

function isParkedBy(transitions: readonly Transition[]) {
  const parked = new Set(transitions.filter(({ state }) => state === 'parked').map(idOf));
  return ({ arrival }: Judged) => parked.has(idOf(transitionOf(arrival, 'parked')));
}

import type { LimitFunction } from 'p-limit';
import type { Failpoint } from '../../../activities/failpoints.ts';
import type { Database } from '../../../prisma/database.ts';
import type { SagaStarter } from '../../temporal/start-saga.ts';
import type { DeadLetters } from '../dead-letter/create-dead-letters.ts';
import type { DeadLetter } from '../dead-letter/letter.ts';
import { InvalidRecord } from '../invalid-record.ts';
import type { ConsumedRecord } from '../port.ts';
import type { Routes } from '../routes.ts';
import type { ParkedFollowUp, Transition } from './arrival.ts';
import { groupBy, settleAll } from './concurrency.ts';
import type { FollowUpDelivery } from './deliver-follow-up.ts';
import { judge, type Judged } from './judge.ts';
import type { IngestObserver, Outcome } from './observer.ts';
import { readRecords } from './read-records.ts';
import type { Retry } from './retry.ts';
import type { InboxState } from './sql/inbox-state.ts';
import { settleEvents } from './sql/settle-events.ts';
import { startArrival } from './start-arrival.ts';

export interface ChunkDeps {
  readonly database: Database;
  readonly routes: Routes;
  readonly deadLetters: DeadLetters;
  readonly startSaga: SagaStarter;
  readonly deliverFollowUp: FollowUpDelivery;
  readonly observer: IngestObserver;
  readonly failpoint: Failpoint;
  /** Bounds starts and signals in flight, over all partitions. */
  readonly limit: LimitFunction;
}

/**
 * Takes a chunk of records as far as it can be taken: when this resolves, every one of them is started, signalled, parked, a
 * known duplicate, ignored by rule, or a dead letter, durably. It may run again from any point at which it broke off.
 */
export function createChunkHandler(deps: ChunkDeps) {
  const { database, routes, deadLetters, startSaga, deliverFollowUp, observer, failpoint, limit } = deps;

  return async function handleChunk(records: readonly ConsumedRecord[], retry: Retry): Promise<void> {
    const { arrivals, letters } = readRecords(records, routes, observer);
    const judged = await retry('record', () => judge(database, arrivals));
    const starts = judged.filter(({ verdict }) => verdict.kind === 'start').length;
    if (starts > 0) failpoint('ingest.after-inbox');
    await bury([...letters, ...judged.flatMap(conflictOf)], retry);
    const transitions = await takeUp(judged, retry);
    if (starts > 0) failpoint('ingest.after-start');
    await settle(judged, [...judged.flatMap(settledOf), ...transitions], retry);
    report(judged, transitions);
  };

  async function bury(letters: readonly DeadLetter[], retry: Retry): Promise<void> {
    if (letters.length === 0) return;
    await retry('dead-letter', () => deadLetters.write(letters));
    for (const { record, error } of letters) observer.deadLettered(record.topic, error.reason);
  }

  /** Keys run in parallel; the events of one key one after the other, as they came. */
  async function takeUp(judged: readonly Judged[], retry: Retry): Promise<Transition[]> {
    const work = judged.filter(({ verdict }) => verdict.kind === 'start' || verdict.kind === 'deliver');
    const groups = groupBy(work, ({ arrival }) => arrival.event.key);
    const done = await settleAll(groups.map((group) => limit(() => takeUpInOrder(group, retry))));
    return done.flat();
  }

  async function takeUpInOrder(group: readonly Judged[], retry: Retry): Promise<Transition[]> {
    const transitions: Transition[] = [];
    for (const { arrival, verdict } of group) {
      if (verdict.kind === 'start') {
        transitions.push(...(await retry('start', () => startArrival(startSaga, arrival, verdict.parked))));
      } else {
        transitions.push(await deliver(followUpOf(arrival), transitions, retry));
      }
    }
    return transitions;
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
    const brought = await settleAll(
      groups.map((group) =>
        limit(async () => {
          const done: Transition[] = [];
          for (const parked of group) done.push(await deliver(parked, done, retry));
          return done;
        }),
      ),
    );
    await retry('settle', () => settleEvents(database, brought.flat()));
  }

  function report(judged: readonly Judged[], transitions: readonly Transition[]): void {
    const reached = new Map(transitions.map((one) => [idOf(one), one.state]));
    for (const { arrival, verdict } of judged) {
      if (verdict.kind === 'conflict') continue;
      const isOpen = verdict.kind === 'start' || verdict.kind === 'deliver';
      const outcome = isOpen ? reached.get(idOf(transitionOf(arrival, 'received'))) : verdict.kind;
      observer.outcome(outcome as Outcome, arrival.event.type, arrival.target.route.saga.name);
    }
  }
}

export type ChunkHandler = ReturnType<typeof createChunkHandler>;

function followUpOf({ event, target }: Judged['arrival']): ParkedFollowUp {
  const followUp = { type: event.type, eventId: event.eventId, data: event.payload };
  return { sagaName: target.route.saga.name, workflowId: target.workflowId, followUp };
}

function conflictOf({ arrival, verdict }: Judged): DeadLetter[] {
  if (verdict.kind !== 'conflict') return [];
  const message = 'an event of this id, or for this saga, was accepted before with another payload';
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

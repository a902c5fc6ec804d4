import type { Database } from '../prisma/database.ts';
import type { SagaStarter } from '../temporal/start-saga.ts';
import type { Burial } from '../dead-letter/bury.ts';
import { InvalidRecord } from '../events/invalid-record.ts';
import type { Routes } from '../dispatch/dispatch.ts';
import type { Transition } from './arrival.ts';
import type { FollowUpDelivery } from './deliver-follow-up.ts';
import type { IngestObserver, Outcome } from './observer.ts';
import type { WaitingRow } from './sql/find-waiting.ts';
import { settleEvents } from './sql/settle-events.ts';
import { startArrival } from './start-arrival.ts';
import { recordOfRow, routeOf, startingEventOf } from './waiting.ts';

export interface TakeUpDeps {
  readonly database: Database;
  readonly routes: Routes;
  readonly startSaga: SagaStarter;
  readonly deliverFollowUp: FollowUpDelivery;
  readonly burial: Burial;
  readonly observer: Pick<IngestObserver, 'outcome'>;
}

/** Takes an event of the inbox to its saga, as ingest would have; false where it has to wait on. Twice is harmless. */
export function createTakeUpWaiting({ database, routes, startSaga, deliverFollowUp, burial, observer }: TakeUpDeps) {
  return async function takeUpWaiting(row: WaitingRow): Promise<boolean> {
    const transitions = await transitionsOf(row);
    if (transitions.length === 0) return false;
    await settleEvents(database, transitions);
    const [first] = transitions;
    if (first && first.state !== 'deadLettered') observer.outcome(first.state as Outcome, row.type, row.sagaName);
    return true;
  };

  async function transitionsOf(row: WaitingRow): Promise<readonly Transition[]> {
    const { eventId, sagaName, workflowId, type, payload } = row;
    const route = routeOf(row, routes);
    // Of a saga that is not deployed here any more.
    if (!route) return [];
    if (route.kind === 'followUp') {
      const delivered = await deliverFollowUp({ sagaName, workflowId, followUp: { type, eventId, data: payload } });
      return delivered.state === 'parked' ? [] : [delivered];
    }
    if (row.sagaEventId !== eventId) return secondStory(row);
    return startArrival(startSaga, startingEventOf(row, route), row.parked ?? []);
  }

  /** Of a saga that another event started: ingest died before it could say so. */
  async function secondStory(row: WaitingRow): Promise<readonly Transition[]> {
    const { eventId, sagaName, workflowId, payloadHash, sagaPayloadHash } = row;
    if (payloadHash === sagaPayloadHash) return [{ eventId, sagaName, workflowId, state: 'ignored' }];
    const message = 'another event started this saga, with another payload';
    const error = new InvalidRecord('conflicting-duplicate', '', message);
    await burial.bury([{ record: recordOfRow(row), error }]);
    return [{ eventId, sagaName, workflowId, state: 'deadLettered' }];
  }
}

export type TakeUpWaiting = ReturnType<typeof createTakeUpWaiting>;

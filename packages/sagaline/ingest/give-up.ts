import type { Database } from '../prisma/database.ts';
import { codeOf } from '../ground/fault.ts';
import type { Burial } from '../dead-letter/bury.ts';
import { InvalidRecord } from '../events/invalid-record.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { IngestObserver } from './observer.ts';
import type { Retry } from './retry.ts';
import { giveUpEvents } from './sql/give-up-events.ts';
import { settleEvents } from './sql/settle-events.ts';

export interface GiveUpDeps {
  readonly database: Database;
  /** Whether Temporal has a workflow of this id, running or ended. */
  readonly isStarted: (workflowId: string) => Promise<boolean>;
  readonly burial: Burial;
  readonly observer: Pick<IngestObserver, 'outcome'>;
}

/** An event that is given up for one saga. */
export interface GivenUp {
  readonly eventId: string;
  readonly type: string;
  readonly sagaName: string;
  readonly workflowId: string;
  /** Whether it was to start the saga. */
  readonly starts: boolean;
}

/**
 * Sets aside for good what cannot be taken: the record becomes a dead letter `unprocessable` with its cause, its inbox rows say so,
 * and a saga that it was to start has failed, unless its workflow is there although we heard otherwise: that is a saga like any other.
 */
export function createGiveUp({ database, isStarted, burial, observer }: GiveUpDeps) {
  return async function giveUp(
    record: ConsumedRecord,
    events: readonly GivenUp[],
    error: unknown,
    retry: Retry,
  ): Promise<void> {
    for (const { eventId, type, sagaName, workflowId, starts } of events) {
      if (!starts || !(await retry('describe', () => isStarted(workflowId)))) continue;
      await retry('settle', () => settleEvents(database, [{ eventId, sagaName, workflowId, state: 'started' }]));
      observer.outcome('started', type, sagaName);
    }
    const message = `could not be taken: ${codeOf(error)}`;
    await retry('dead-letter', () => burial.bury([{ record, error: new InvalidRecord('unprocessable', '', message) }]));
    await retry('settle', () => giveUpEvents(database, events));
  };
}

export type GiveUp = ReturnType<typeof createGiveUp>;

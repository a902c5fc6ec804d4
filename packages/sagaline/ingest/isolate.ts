import { codeOf } from '../ground/fault.ts';
import type { Logger } from '../ground/logger.ts';
import { placeText } from '../events/place.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { Arrival } from './arrival.ts';
import type { BurialRule } from './burial-rule.ts';
import type { GivenUp, GiveUp } from './give-up.ts';
import type { ChunkHandler } from './handle-chunk.ts';
import type { Outcome } from './observer.ts';
import { BatchAbandoned, ingestFaultOf, type Retry } from './retry.ts';

export interface IsolationDeps {
  readonly handleChunk: ChunkHandler;
  /** What a record reaches; empty where it cannot be read. */
  readonly arrivalsOf: (record: ConsumedRecord) => readonly Arrival[];
  readonly giveUp: GiveUp;
  readonly rule: BurialRule;
  readonly logger: Logger;
}

/** Outcomes that show that the way is free for records of a topic; a duplicate goes no way at all. */
const EFFECTS: ReadonlySet<Outcome> = new Set<Outcome>(['started', 'signalled', 'parked', 'tooLate']);

/**
 * Takes a chunk that failed as a whole record by record, so that one which cannot be taken holds nobody up for good: it is buried as
 * `unprocessable`, or, where the rule does not allow that yet, holds back what comes behind it with its key, and this throws in the
 * end. An outage ends it at once: nothing is wrong with the records.
 */
export function createIsolation({ handleChunk, arrivalsOf, giveUp, rule, logger }: IsolationDeps) {
  /** @param resolve called for each record up to which everything is durable */
  return async function isolate(
    chunk: readonly ConsumedRecord[],
    retry: Retry,
    resolve: (record: ConsumedRecord) => void,
  ): Promise<void> {
    const waiting = new Set<string>();
    let held: { readonly error: unknown } | undefined;
    for (const record of chunk) {
      const key = orderKeyOf(record);
      if (waiting.has(key)) continue;
      try {
        await takeAlone(record, retry);
      } catch (error) {
        if (error instanceof BatchAbandoned || ingestFaultOf(error) === 'outage') throw error;
        held ??= { error };
        waiting.add(key);
      }
      if (!held) resolve(record);
    }
    if (held) throw held.error;
  };

  async function takeAlone(record: ConsumedRecord, retry: Retry): Promise<void> {
    try {
      const outcomes = await handleChunk([record], retry);
      if (outcomes.some((outcome) => EFFECTS.has(outcome))) rule.gotThrough(record.topic);
    } catch (error) {
      if (error instanceof BatchAbandoned) throw error;
      const fault = ingestFaultOf(error);
      const about = { record: placeText(record), fault, code: codeOf(error), err: error };
      if (!rule.mayBury(record, fault)) {
        if (fault !== 'outage') logger.error(about, 'a record cannot be taken, and is held: its partition waits');
        throw error;
      }
      logger.error(about, 'a record cannot be taken, and is buried');
      await giveUp(record, readable(record).map(givenUpOf), error, retry);
      rule.buried(record);
    }
  }

  /** Records of one key have an order; without a readable one the record's own key tells, and none is one of its own. */
  function orderKeyOf(record: ConsumedRecord): string {
    const [arrival] = readable(record);
    return arrival?.event.key ?? record.key?.toString('latin1') ?? '';
  }

  /** A bug of ours in reading it is why it is here, perhaps. */
  function readable(record: ConsumedRecord): readonly Arrival[] {
    try {
      return arrivalsOf(record);
    } catch {
      return [];
    }
  }
}

function givenUpOf({ event: { eventId, type }, target: { route, workflowId } }: Arrival): GivenUp {
  return { eventId, type, sagaName: route.saga.name, workflowId, starts: route.kind === 'start' };
}

export type Isolation = ReturnType<typeof createIsolation>;

import type { Fault } from '../ground/fault.ts';
import { placeText } from '../events/place.ts';
import type { ConsumedRecord } from '../kafka/port.ts';

/** How long a record is held before it is buried for a failure that may be ours, ms. */
const HOLD_MS = 30_000;
/** So many records of one topic, with none in between that got through, look like our fault and not like theirs. */
const MANY_IN_A_ROW = 20;
/** Records under suspicion that are remembered: one a partition, usually. */
const MAX_SUSPECTS = 10_000;

/**
 * When a record that failed alone, and will fail again, is buried as `unprocessable`, so that the others go on:
 * - an outage never buries;
 * - content that a server refuses: at once. But after twenty in a row of one topic, none in between having got through, each is held
 *   for half a minute first: a deploy that broke everything must not empty a topic into the dead letters before anybody looks;
 * - an unknown failure (a bug of ours): when it has been failing for half a minute, and another record of its topic got through
 *   since. So a bug that meets every record buries none; it holds the topic, and is in log and metrics until a deploy mends it.
 */
export interface BurialRule {
  /** A record of this topic had its effect: started or reached a saga, or waits for one. */
  gotThrough(topic: string): void;
  /** The record failed alone: whether it is buried now. */
  mayBury(record: ConsumedRecord, fault: Fault): boolean;
  /** It was. */
  buried(record: ConsumedRecord): void;
}

interface TopicHistory {
  throughAt: number;
  buriedInARow: number;
}

export function createBurialRule(holdMs = HOLD_MS, now: () => number = () => performance.now()): BurialRule {
  const topics = new Map<string, TopicHistory>();
  const suspects = new Map<string, number>();

  function historyOf(topic: string): TopicHistory {
    const history = topics.get(topic) ?? { throughAt: -Infinity, buriedInARow: 0 };
    topics.set(topic, history);
    return history;
  }

  /** When the record failed for the first time, as far as this process remembers. */
  function failingSince(record: ConsumedRecord): number {
    const place = placeText(record);
    const known = suspects.get(place);
    if (known !== undefined) return known;
    const [oldest] = suspects.keys();
    if (suspects.size >= MAX_SUSPECTS && oldest !== undefined) suspects.delete(oldest);
    suspects.set(place, now());
    return now();
  }

  return {
    gotThrough(topic) {
      Object.assign(historyOf(topic), { throughAt: now(), buriedInARow: 0 });
    },
    mayBury(record, fault) {
      if (fault === 'outage') return false;
      const since = failingSince(record);
      const isHeldLong = now() - since >= holdMs;
      const { throughAt, buriedInARow } = historyOf(record.topic);
      if (fault === 'content') return buriedInARow < MANY_IN_A_ROW || isHeldLong;
      return isHeldLong && throughAt > since;
    },
    buried(record) {
      suspects.delete(placeText(record));
      historyOf(record.topic).buriedInARow += 1;
    },
  };
}

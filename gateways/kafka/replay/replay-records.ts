import type { ConsumedRecord, ProducedRecord } from '../port.ts';
import { REPLAY_OF, valuesOf } from '../record-headers.ts';

/** The record as it was, to be produced once more: the same key, value and headers, and the place that it had first. */
export function replayOf({ topic, partition, offset, key, value, headers }: ConsumedRecord): ProducedRecord {
  const kept = Object.entries(headers).flatMap(([name, given]) => {
    const values = valuesOf(given);
    return values.length === 0 ? [] : [[name, values] as const];
  });
  const known = valuesOf(headers[REPLAY_OF]);
  const first = known.length > 0 ? known : `${topic}/${partition}/${offset}`;
  return { topic, key, value, headers: { ...Object.fromEntries(kept), [REPLAY_OF]: first } };
}

import type { ConsumedRecord, ProducedRecord } from '../kafka/port.ts';
import { allowedHeaders, REPLAY_OF, REPLAY_SEAL, valuesOf } from '../events/record-headers.ts';
import type { ReplaySeal } from './replay-seal.ts';

const OURS = new Set([REPLAY_OF, REPLAY_SEAL]);

/** The record as it was, to be produced once more: the same key, value and headers, and the place that it had first, sealed. */
export function replayOf(record: ConsumedRecord, seal: ReplaySeal): ProducedRecord {
  const { topic, key, value, headers } = record;
  const kept = Object.entries(headers).flatMap(([name, given]) => {
    const values = valuesOf(given);
    return values.length === 0 || OURS.has(name.toLowerCase()) ? [] : [[name, values] as const];
  });
  const first = seal.firstPlaceOf(record, allowedHeaders(headers));
  return { topic, key, value, headers: { ...Object.fromEntries(kept), ...seal.headersFor(first, { key, value }) } };
}

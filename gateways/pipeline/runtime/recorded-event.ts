import type { EventType, Payload } from '../../../workflows/contracts/events.ts';
import { isInstant, recordTimeMs } from '../../instant.ts';
import { InvalidRecord } from '../../kafka/invalid-record.ts';
import { readRecord } from '../../kafka/parse-record.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';
import type { ReplaySeal } from '../../kafka/replay/replay-seal.ts';

/** A record as the pipeline sees it: an event that is valid, or one with the reason why it is not. Nothing is left out. */
export type RecordedEvent = ValidEvent | FaultyEvent;

/**
 * The record's offset, counted on over all lives of its topic (lives.ts): of two records of a partition, the later one has the
 * larger one, also when the topic was made anew in between. A decimal integer of 64 bits.
 */
type Position = string;

/** Narrowed by its `type`. */
export type ValidEvent = { [T in EventType]: ValidEventOf<T> }[EventType];

export interface ValidEventOf<T extends EventType> {
  readonly type: T;
  readonly payload: Payload<T>;
  readonly eventId: string;
  /** Business key. */
  readonly key: string;
  /** Event time, ms since the epoch: the payload's `at`, else the producer's CloudEvents time, else the record's own. */
  readonly time: number;
  readonly traceparent?: string | undefined;
  readonly fault?: undefined;
  readonly record: ConsumedRecord;
  readonly position: Position;
}

export interface FaultyEvent {
  readonly type?: undefined;
  readonly payload?: undefined;
  /** The record's own time, ms since the epoch. */
  readonly time: number;
  readonly fault: InvalidRecord;
  readonly record: ConsumedRecord;
  readonly position: Position;
}

/**
 * @param startsSaga whether an event type starts a saga: its event ids are then the same as in the inbox
 * @param seal tells a record that was produced once more, whose event id is that of its first place, as in the inbox
 */
export function readEvent(
  record: ConsumedRecord,
  startsSaga: (type: EventType) => boolean,
  seal?: ReplaySeal,
): RecordedEvent {
  const recordTime = recordTimeMs(record.timestamp);
  const place = { record, position: record.offset };
  try {
    if (record.undecodable) throw new InvalidRecord('undecodable', '', record.undecodable.message);
    const { type, payload, eventId, key, eventTime, traceparent } = readRecord(record, startsSaga, seal);
    const said = ('at' in payload ? payload.at : undefined) ?? eventTime;
    const saidMs = said === undefined ? NaN : Date.parse(said);
    const time = isInstant(saidMs) ? saidMs : recordTime;
    return { type, payload, eventId, key, time, traceparent, ...place } as ValidEvent;
  } catch (error) {
    if (error instanceof InvalidRecord) return { time: recordTime, fault: error, ...place };
    throw error;
  }
}

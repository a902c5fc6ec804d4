import type { EventType, Payload } from '../../../workflows/contracts/events.ts';
import { InvalidRecord } from '../../kafka/invalid-record.ts';
import { readRecord } from '../../kafka/parse-record.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';

/** A record as the pipeline sees it: an event that is valid, or one with the reason why it is not. Nothing is left out. */
export type RecordedEvent = ValidEvent | FaultyEvent;

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
}

export interface FaultyEvent {
  readonly type?: undefined;
  readonly payload?: undefined;
  /** The record's own time, ms since the epoch. */
  readonly time: number;
  readonly fault: InvalidRecord;
  readonly record: ConsumedRecord;
}

/** @param startsSaga whether an event type starts a saga: its event ids are then the same as in the inbox */
export function readEvent(record: ConsumedRecord, startsSaga: (type: EventType) => boolean): RecordedEvent {
  try {
    const { type, payload, eventId, key, eventTime, traceparent } = readRecord(record, startsSaga);
    const said = ('at' in payload ? payload.at : undefined) ?? eventTime;
    const time = said === undefined ? record.timestamp : Date.parse(said);
    return { type, payload, eventId, key, time, traceparent, record } as ValidEvent;
  } catch (error) {
    if (error instanceof InvalidRecord) return { time: record.timestamp, fault: error, record };
    throw error;
  }
}

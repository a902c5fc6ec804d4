import type { EventValue, PayloadOf } from '../../contracts/event.ts';
import { isInstant, recordTimeMs } from '../../ground/instant.ts';
import { InvalidRecord } from '../../events/invalid-record.ts';
import { readRecord, type Reading } from '../../events/parse-record.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';

/** A record as the pipeline sees it: an event that is valid, or one with the reason why it is not. Nothing is left out. */
export type RecordedEvent = ValidEvent | FaultyEvent;

/**
 * The record's offset, counted on over all lives of its topic (lives.ts): of two records of a partition, the later one has the
 * larger one, also when the topic was made anew in between. A decimal integer of 64 bits.
 */
export type RecordPosition = string;

/** Narrowed by {@link isEvent}. */
export type ValidEvent = ValidEventOf<EventValue>;

/** An event, as its schema read it. */
export interface ValidEventOf<E extends EventValue> {
  readonly type: E['type'];
  readonly payload: PayloadOf<E>;
  /** The same as in the inbox: what comes twice has one. */
  readonly eventId: string;
  /** Business key. */
  readonly key: string;
  /** Event time, ms since the epoch: the payload's `at`, else the producer's CloudEvents time, else the record's own. */
  readonly time: number;
  readonly traceparent?: string | undefined;
  readonly fault?: undefined;
  readonly record: ConsumedRecord;
  readonly position: RecordPosition;
}

/** A record that is no event, with the reason. */
export interface FaultyEvent {
  readonly type?: undefined;
  readonly payload?: undefined;
  /** The record's own time, ms since the epoch. */
  readonly time: number;
  readonly fault: InvalidRecord;
  readonly record: ConsumedRecord;
  readonly position: RecordPosition;
}

/** Whether that is what happened: its payload is typed then. A type has one schema, which the catalogue sees to. */
export function isEvent<E extends EventValue>(recorded: RecordedEvent, event: E): recorded is ValidEventOf<E> {
  return recorded.type === event.type;
}

/** Those of some events that are of one type. */
export function only<E extends EventValue>(recorded: readonly RecordedEvent[], event: E): ValidEventOf<E>[] {
  return recorded.filter((one) => isEvent(one, event));
}

/** Reads a record as ingest does, so that its event id is the same as in the inbox. */
export function readEvent(record: ConsumedRecord, reading: Reading): RecordedEvent {
  const recordTime = recordTimeMs(record.timestamp);
  const place = { record, position: record.offset };
  try {
    if (record.undecodable) throw new InvalidRecord('undecodable', '', record.undecodable.message);
    const { type, payload, eventId, key, eventTime, traceparent } = readRecord(record, reading);
    const said = payload['at'] ?? eventTime;
    const saidMs = typeof said === 'string' ? Date.parse(said) : NaN;
    const time = isInstant(saidMs) ? saidMs : recordTime;
    return { type, payload, eventId, key, time, traceparent, ...place };
  } catch (error) {
    if (error instanceof InvalidRecord) return { time: recordTime, fault: error, ...place };
    throw error;
  }
}

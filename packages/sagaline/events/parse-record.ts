import type { Catalogue } from '../contracts/catalogue.ts';
import { businessKeyOf, type EventValue, type PayloadOf } from '../contracts/event.ts';
import { openEnvelope } from './envelope.ts';
import { eventIdOf } from './event-id.ts';
import { InvalidRecord } from './invalid-record.ts';
import { parsePayload } from './parse-payload.ts';
import { contentHashes, type ContentHashes } from './payload-hash.ts';
import type { ConsumedRecord } from '../kafka/port.ts';
import type { RecordPlace } from './place.ts';
import { allowedHeaders } from './record-headers.ts';
import type { ReplaySeal } from '../replay/replay-seal.ts';
import { validTraceparent } from './traceparent.ts';
import { decodeUtf8 } from './utf8.ts';

/** Temporal refuses a payload above 2 MB, and a workflow's input may carry follow-ups too. */
export const MAX_VALUE_BYTES = 1024 * 1024;

/** Versions of events' schemas that are understood. */
const SCHEMA_VERSIONS = new Set([1]);

/** An event as it was read: valid by its schema, with an identity that a second delivery has too. */
export interface ReadEvent {
  readonly eventId: string;
  readonly type: string;
  /** Business key. */
  readonly key: string;
  readonly payload: PayloadOf<EventValue>;
  /** What came for it, before its schema left out what it does not know. */
  readonly data: unknown;
  /** The producer's time, RFC 3339 in UTC. */
  readonly eventTime?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly schemaVersion: number;
  readonly position: RecordPlace;
  /** The record's own time stamp, ms since the epoch. */
  readonly timestamp: number;
}

/** An event as ingest takes it in: its content can be compared with that of another delivery. */
export interface AcceptedEvent extends ReadEvent, ContentHashes {}

/** By what records are read. */
export interface Reading {
  readonly catalogue: Catalogue;
  /** Whether an event of this type starts a saga: then its business key identifies it. */
  readonly startsSaga: (type: string) => boolean;
  /** Tells where a record was first that was produced once more; without it nobody's word is taken for that. */
  readonly seal?: ReplaySeal | undefined;
}

/**
 * Reads a record as {@link readRecord} does, and hashes its content.
 *
 * @throws InvalidRecord and nothing else, whatever the bytes
 */
export function parseRecord(record: ConsumedRecord, reading: Reading): AcceptedEvent {
  const event = readRecord(record, reading);
  return { ...event, ...contentHashes(event.data, event.payload) };
}

/**
 * Reads a record that is plain JSON, or a CloudEvent 1.0 in binary or structured mode. The topic names the event type.
 *
 * @throws InvalidRecord and nothing else, whatever the bytes
 */
export function readRecord(record: ConsumedRecord, { catalogue, startsSaga, seal }: Reading): ReadEvent {
  const { topic, partition, offset, topicLife, value, timestamp, undecodable } = record;
  if (undecodable) throw new InvalidRecord('undecodable', '', undecodable.message);
  const event = catalogue.find(topic);
  if (!event) throw new InvalidRecord('unknown-type', '', 'the topic names no event type');
  if (value === null) throw new InvalidRecord('tombstone', '', 'the value is null');
  if (value.length > MAX_VALUE_BYTES) {
    throw new InvalidRecord('too-large', '', `the value is larger than ${MAX_VALUE_BYTES} bytes`);
  }
  const recordKey = readKey(record.key);
  const headers = allowedHeaders(record.headers);
  const envelope = openEnvelope(value, headers);
  if (envelope.type !== undefined && envelope.type !== topic) {
    throw new InvalidRecord('type-mismatch', 'type', `the event's type does not fit the topic ${topic}`);
  }
  const schemaVersion = readSchemaVersion(envelope.schemaVersion);
  const payload = parsePayload(event, envelope.data);
  const key = businessKeyOf(event, payload);
  if (recordKey !== undefined && recordKey !== key) {
    throw new InvalidRecord('key-mismatch', 'key', "the record's key is not the payload's business key");
  }
  const position = { topic, partition, offset, ...(topicLife === undefined ? {} : { topicLife }) };
  const { source, id } = envelope;
  return {
    eventId: eventIdOf({
      type: topic,
      key,
      startsSaga: startsSaga(topic),
      source,
      id,
      place: seal?.firstPlaceOf(record, headers) ?? position,
    }),
    type: topic,
    key,
    payload,
    eventTime: envelope.time,
    traceparent: validTraceparent(envelope.traceparent),
    schemaVersion,
    position,
    timestamp,
    data: envelope.data,
  };
}

/** No key and an empty one are the same: the payload has it. */
function readKey(key: Buffer | null): string | undefined {
  if (key === null || key.length === 0) return undefined;
  const text = decodeUtf8(key);
  if (text === undefined) throw new InvalidRecord('invalid-key', 'key', "the record's key is not UTF-8");
  return text;
}

function readSchemaVersion(given = '1'): number {
  const version = /^[0-9]{1,9}$/.test(given) ? Number(given) : NaN;
  if (SCHEMA_VERSIONS.has(version)) return version;
  throw new InvalidRecord(
    'unknown-schema-version',
    'schemaversion',
    `known versions: ${[...SCHEMA_VERSIONS].join(', ')}`,
  );
}

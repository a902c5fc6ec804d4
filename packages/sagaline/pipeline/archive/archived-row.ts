import { createHash } from 'node:crypto';
import { storableText } from '../../contracts/text.ts';
import { parseInstant, recordTimeMs } from '../../ground/instant.ts';
import { openEnvelope } from '../../events/envelope.ts';
import { eventIdOf } from '../../events/event-id.ts';
import { InvalidRecord } from '../../events/invalid-record.ts';
import { parseJson } from '../../events/parse-json.ts';
import type { ConsumedRecord } from '../../kafka/port.ts';
import { allowedHeaders, safeText } from '../../events/record-headers.ts';
import { validTraceparent } from '../../events/traceparent.ts';
import { decodeUtf8 } from '../../events/utf8.ts';
import type { SetAsideRecord } from '../runtime/projection.ts';
import type { FaultyEvent, RecordedEvent, ValidEvent } from '../runtime/recorded-event.ts';

/** A record as the archive keeps it. Times are ms since the epoch; bytes are kept where text would not do. */
export interface ArchivedRow {
  readonly recordTime: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly type: string;
  /** The business key of a valid event, else the record's own. */
  readonly key: string | null;
  readonly rawKey: Buffer | null;
  readonly eventId: string | null;
  readonly eventTime: number;
  readonly traceparent: string | null;
  /** The record's value where it is JSON, as it came; of a structured CloudEvent that is the whole of it. */
  readonly payload: string | null;
  /** The record's value where it is no JSON. */
  readonly rawValue: Buffer | null;
  /** The headers that mean something to us, as a JSON object. */
  readonly headers: string | null;
  readonly fault: string | null;
  readonly faultPath: string | null;
  readonly faultMessage: string | null;
}

/** A B-tree takes no more than 2,704 bytes in an entry. */
const MAX_INDEXED_BYTES = 1024;

/** No broker takes a record as large by default, but compressed ones grow: what is larger is no event of anybody's. */
export const MAX_KEPT_BYTES = 16 * 1024 * 1024;
const MAX_PATH = 1_000;
const MAX_MESSAGE = 2_000;

/** Nothing is too broken to be kept: whatever the bytes, the row is one that PostgreSQL takes. */
export function archivedRow(event: RecordedEvent): ArchivedRow {
  return event.fault === undefined ? validRow(event) : faultyRow(event);
}

/** Written out, for this is done for every record: a spread costs more than everything else here. */
function validRow({ record, position, type, key, eventId, time, traceparent }: ValidEvent): ArchivedRow {
  return {
    recordTime: recordTimeMs(record.timestamp),
    topic: record.topic,
    partition: record.partition,
    offset: position,
    type,
    key,
    rawKey: null,
    eventId,
    eventTime: recordTimeMs(time),
    traceparent: traceparent ?? null,
    // It was parsed, so it is JSON.
    payload: record.value && (decodeUtf8(record.value) ?? null),
    rawValue: null,
    headers: headersOf(record),
    fault: null,
    faultPath: null,
    faultMessage: null,
  };
}

function faultyRow({ record, position, fault, time }: FaultyEvent): ArchivedRow {
  const { value, missing } = keptValue(record.value);
  const json = value && jsonText(value);
  const said = fault.reason === 'unknown-type' ? whatItSays(record) : undefined;
  const { key, rawKey } = keyOf(record.key);
  return {
    recordTime: recordTimeMs(record.timestamp),
    topic: record.topic,
    partition: record.partition,
    offset: position,
    type: said?.type ?? record.topic,
    key,
    rawKey,
    eventId: said?.eventId ?? null,
    eventTime: recordTimeMs(said?.time ?? time),
    traceparent: said?.traceparent ?? null,
    payload: json ?? null,
    rawValue: json === undefined ? value : null,
    headers: headersOf(record),
    fault: fault.reason,
    // Both can have a name in them that the producer gave.
    faultPath: storableText(fault.path, MAX_PATH),
    faultMessage: storableText(fault.message + missing, MAX_MESSAGE),
  };
}

/** A record that even its row could not be made of, or that PostgreSQL refused: its bytes, and nothing that was read from them. */
export function unreadRow(record: ConsumedRecord, { position, reason }: SetAsideRecord): ArchivedRow {
  const { value, missing } = keptValue(record.value);
  const recordTime = recordTimeMs(record.timestamp);
  return {
    ...{ recordTime, topic: record.topic, partition: record.partition, offset: position, type: record.topic },
    ...{ key: null, rawKey: record.key, eventId: null, eventTime: recordTime, traceparent: null },
    ...{ payload: null, rawValue: value, headers: null },
    ...{ fault: 'set-aside', faultPath: '', faultMessage: storableText(reason + missing, MAX_MESSAGE) },
  };
}

/** Of a value that is too large to be kept, its size and digest are, in words to be added to the fault's. */
function keptValue(value: Buffer | null): { readonly value: Buffer | null; readonly missing: string } {
  if (value === null || value.length <= MAX_KEPT_BYTES) return { value, missing: '' };
  const digest = createHash('sha256').update(value).digest('hex');
  return { value: null, missing: `; its ${value.length} bytes are not kept, their SHA-256 is ${digest}` };
}

/** An event of a type that this version does not know can still be a CloudEvent. */
function whatItSays(record: ConsumedRecord) {
  const { topic, value } = record;
  if (value === null) return undefined;
  try {
    const envelope = openEnvelope(value, allowedHeaders(record.headers));
    const type = fits(envelope.type) ? envelope.type : topic;
    const { source, id, time } = envelope;
    return {
      type,
      eventId: eventIdOf({ type, key: '', startsSaga: false, source, id, place: record }),
      time: time === undefined ? undefined : parseInstant(time),
      traceparent: validTraceparent(envelope.traceparent),
    };
  } catch (error) {
    if (error instanceof InvalidRecord) return undefined;
    throw error;
  }
}

function keyOf(key: Buffer | null): Pick<ArchivedRow, 'key' | 'rawKey'> {
  if (key === null) return { key: null, rawKey: null };
  const text = decodeUtf8(key);
  // PostgreSQL's text has no NUL; a byte order mark would be lost.
  const isKept = text !== undefined && fits(text) && !text.includes('\0') && Buffer.byteLength(text) === key.length;
  return isKept ? { key: text, rawKey: null } : { key: null, rawKey: key };
}

const fits = (text: string | undefined): text is string =>
  text !== undefined && Buffer.byteLength(text) <= MAX_INDEXED_BYTES;

/** The text of bytes that are JSON of bounded depth; undefined for all others. */
function jsonText(value: Buffer): string | undefined {
  try {
    parseJson(value);
    return decodeUtf8(value);
  } catch (error) {
    if (error instanceof InvalidRecord) return undefined;
    throw error;
  }
}

/** A header that came more than once is a list. */
function headersOf({ headers }: ConsumedRecord): string | null {
  if (Object.keys(headers).length === 0) return null;
  const kept: [string, string | string[]][] = [];
  for (const [name, values] of allowedHeaders(headers)) {
    const texts = values.map(safeText).filter((text) => text !== undefined);
    if (texts[0] !== undefined) kept.push([name, texts.length > 1 ? texts : texts[0]]);
  }
  return kept.length > 0 ? JSON.stringify(Object.fromEntries(kept)) : null;
}

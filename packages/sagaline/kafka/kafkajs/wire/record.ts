import { createHash } from 'node:crypto';
import { DecodeFailure } from '../codecs/decode-failure.ts';
import type { HeaderValue, Undecodable } from '../../port.ts';
import type { ByteReader } from './byte-reader.ts';

/** Headers of one record that are read. Nobody sends more, and each costs more than its bytes. */
export const MAX_HEADERS = 10_000;

/** A record in the form that kafkajs hands on. */
export interface WireRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, HeaderValue | HeaderValue[]>;
  readonly attributes: number;
  /** Not handed on: a transaction's marker, a record of a transaction that was aborted, or the end of a batch without records. */
  readonly isControlRecord: boolean;
  readonly undecodable?: Undecodable;
}

/** What the records of a batch are written relative to. */
export interface RecordContext {
  readonly baseOffset: bigint;
  readonly baseTimestamp: bigint;
  /** Given where the broker's time counts (LogAppendTime). */
  readonly appendTime: string | undefined;
}

/** https://kafka.apache.org/documentation/#record @throws DecodeFailure */
export function readRecord(reader: ByteReader, context: RecordContext): WireRecord {
  const length = reader.varint();
  const start = reader.at;
  const end = start + length;
  const attributes = reader.int8();
  const timestamp = sum(context.baseTimestamp, reader.varlong());
  const offset = sum(context.baseOffset, reader.varint());
  const place = { offset, timestamp: context.appendTime ?? timestamp, attributes, isControlRecord: false };
  const key = reader.varintBytes();
  const value = reader.varintBytes();
  const count = reader.varint();
  if (count > MAX_HEADERS) {
    const bytes = reader.buffer.subarray(start, (reader.at = end));
    const failure = new DecodeFailure('too-many-headers', `a record has ${count} headers; ${MAX_HEADERS} are read`);
    return { ...place, ...nothing, undecodable: describe(failure, offset, offset, bytes) };
  }
  const headers = readHeaders(reader, count);
  if (reader.at !== end) throw new DecodeFailure('corrupt', 'a record has another length than it says');
  return { ...place, key, value, headers };
}

/** Key, value and headers of what cannot be read. */
export const nothing = { key: null, value: null, headers: {} } as const;

export function describe(failure: DecodeFailure, firstOffset: string, lastOffset: string, bytes: Buffer): Undecodable {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { firstOffset, lastOffset, reason: failure.reason, message: failure.message, bytes: bytes.length, sha256 };
}

/** A header that comes again makes a list; a name such as __proto__ is a name like any other. */
function readHeaders(reader: ByteReader, count: number): WireRecord['headers'] {
  const headers = Object.create(null) as WireRecord['headers'];
  for (let n = 0; n < count; n++) {
    const name = reader.varintBytes()?.toString('utf8') ?? '';
    const value = reader.varintBytes();
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else if (Array.isArray(known)) known.push(value);
    else headers[name] = [known, value];
  }
  return headers;
}

function sum(base: bigint, delta: number | bigint): string {
  const quick = Number(base) + Number(delta);
  if (Number.isSafeInteger(quick)) return String(quick);
  return BigInt.asIntN(64, base + BigInt(delta)).toString();
}

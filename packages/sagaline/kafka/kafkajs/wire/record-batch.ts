import { corrupt, DecodeFailure } from '../codecs/decode-failure.ts';
import { ByteReader } from './byte-reader.ts';
import { describe, nothing, readRecord, type RecordContext, type WireRecord } from './record.ts';

/** Decompresses what one codec packed. @throws DecodeFailure */
export type Decompress = (codec: number, packed: Buffer) => Promise<Buffer>;

/** Bytes before the records, the first offset and the length included. */
export const BATCH_HEADER_BYTES = 61;

/** A batch of format 2, as it lies in the log (https://kafka.apache.org/documentation/#recordbatch). */
export interface RecordBatch {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly producerId: string;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** Decompressed bytes of its records; 0 where they were not compressed, for then they are only looked at. */
  readonly expandedBytes: number;
  readonly records: readonly WireRecord[];
}

const COMPRESSION = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/**
 * Reads one batch. What cannot be read becomes one record that says so and stands for the whole range: it would be the same at
 * every further fetch.
 */
export async function readBatch(bytes: Buffer, decompress: Decompress): Promise<RecordBatch> {
  const header = readHeader(bytes);
  const { firstOffset, lastOffset, attributes, maxTimestamp } = header;
  const about = {
    firstOffset,
    lastOffset,
    producerId: header.producerId,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
  };
  try {
    const { body, isPacked } = await openBody(bytes, attributes, decompress);
    const records = readRecords(body, header.count, {
      baseOffset: firstOffset,
      baseTimestamp: header.firstTimestamp,
      appendTime: attributes & LOG_APPEND_TIME ? maxTimestamp : undefined,
    });
    const expandedBytes = isPacked ? body.length : 0;
    const end = String(lastOffset);
    // Compaction takes records away, the last ones too; whoever reads must get past them.
    if (records.at(-1)?.offset !== end) records.push(emptyAt(end, maxTimestamp));
    return { ...about, expandedBytes, records };
  } catch (error) {
    const failure = error instanceof DecodeFailure ? error : corrupt('a batch cannot be read', error);
    const undecodable = describe(failure, String(firstOffset), String(lastOffset), bytes);
    const record = { ...emptyAt(String(lastOffset), maxTimestamp), isControlRecord: false, undecodable };
    return { ...about, expandedBytes: 0, records: [record] };
  }
}

function readHeader(bytes: Buffer) {
  return {
    firstOffset: bytes.readBigInt64BE(0),
    attributes: bytes.readInt16BE(21),
    lastOffset: bytes.readBigInt64BE(0) + BigInt(bytes.readInt32BE(23)),
    firstTimestamp: bytes.readBigInt64BE(27),
    maxTimestamp: bytes.readBigInt64BE(35).toString(),
    producerId: bytes.readBigInt64BE(43).toString(),
    count: bytes.readInt32BE(57),
  };
}

async function openBody(bytes: Buffer, attributes: number, decompress: Decompress) {
  const body = bytes.subarray(BATCH_HEADER_BYTES);
  const codec = attributes & COMPRESSION;
  if (codec === 0) return { body, isPacked: false };
  return { body: await decompress(codec, body), isPacked: true };
}

function readRecords(body: Buffer, count: number, context: RecordContext): WireRecord[] {
  const reader = new ByteReader(body);
  const records: WireRecord[] = [];
  for (let n = 0; n < count; n++) records.push(readRecord(reader, context));
  return records;
}

const emptyAt = (offset: string, timestamp: string): WireRecord => ({
  offset,
  timestamp,
  ...nothing,
  attributes: 0,
  isControlRecord: true,
});

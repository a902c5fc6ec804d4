import { ByteReader } from './byte-reader.ts';
import { readRecordSet, type AbortedTransaction, type RecordSetDeps } from './record-set.ts';
import type { WireRecord } from './record.ts';

/** The first version that names topics by id. */
export const BY_TOPIC_ID = 13;
const FLEXIBLE = 12;

export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  /** Undefined, or -1, for "the leader". */
  readonly preferredReadReplica?: number;
  readonly messages: readonly WireRecord[];
}

export interface FetchedTopic {
  /** A name before version 13, an id from then on. */
  readonly topic: string;
  readonly partitions: readonly FetchedPartition[];
}

export interface FetchResponse {
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly topics: readonly FetchedTopic[];
}

/**
 * Reads the answer to a fetch, versions 4 to 13 (https://kafka.apache.org/protocol#The_Messages_Fetch). An error of one partition
 * stays with that partition.
 */
export async function readFetchResponse(bytes: Buffer, version: number, deps: RecordSetDeps): Promise<FetchResponse> {
  const reader = new ByteReader(bytes);
  const isFlexible = version >= FLEXIBLE;
  const endOfStruct = () => isFlexible && reader.skipTags();
  endOfStruct();
  const clientSideThrottleTime = reader.int32();
  const errorCode = version >= 7 ? reader.int16() : 0;
  if (version >= 7) reader.int32();
  const raw = reader.array(isFlexible, () => {
    const topic =
      version >= BY_TOPIC_ID ? reader.uuid() : isFlexible ? (reader.compactString() ?? '') : reader.string();
    const partitions = reader.array(isFlexible, () => readPartition(reader, version, isFlexible));
    endOfStruct();
    return { topic, partitions };
  });
  const topics: FetchedTopic[] = [];
  for (const { topic, partitions } of raw) {
    const read: FetchedPartition[] = [];
    for (const { set, aborted, ...about } of partitions) {
      read.push({ ...about, messages: await readRecordSet(set, aborted, deps) });
    }
    topics.push({ topic, partitions: read });
  }
  return { clientSideThrottleTime, errorCode, topics };
}

function readPartition(reader: ByteReader, version: number, isFlexible: boolean) {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64().toString();
  // Last stable offset, log start offset.
  reader.int64();
  if (version >= 5) reader.int64();
  const aborted = reader.array(isFlexible, () => readAborted(reader, isFlexible));
  const replica = version >= 11 ? { preferredReadReplica: reader.int32() } : {};
  const length = isFlexible ? reader.unsignedVarint() - 1 : reader.int32();
  const set = reader.bytes(Math.max(0, length));
  if (isFlexible) reader.skipTags();
  return { partition, errorCode, highWatermark, aborted, ...replica, set };
}

function readAborted(reader: ByteReader, isFlexible: boolean): AbortedTransaction {
  const transaction = { producerId: reader.int64().toString(), firstOffset: reader.int64() };
  if (isFlexible) reader.skipTags();
  return transaction;
}

import { corrupt, DecodeFailure } from '../codecs/decode-failure.ts';
import { BATCH_HEADER_BYTES, readBatch, type Decompress, type RecordBatch } from './record-batch.ts';
import { describe, nothing, type WireRecord } from './record.ts';

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: bigint;
}

/** Decompressed bytes that one fetch may still bring; batches beyond are left for the next. */
export interface Budget {
  left: number;
}

export interface RecordSetDeps {
  readonly decompress: Decompress;
  /** Reads messages of formats 0 and 1, which brokers kept until Kafka 4. @throws what the reader of old messages throws */
  readonly readOldMessages: (bytes: Buffer) => Promise<WireRecord[]>;
  readonly budget: Budget;
}

/** First offset, length, leader epoch: what stands before the format's number in every format. */
const FORMAT_AT = 16;
const LENGTH_AT = 8;
const PREFIX_BYTES = 12;
const CURRENT_FORMAT = 2;
/** A fetch of many small records would keep the process from everything else. */
const BREATHE_AFTER_MS = 20;

/**
 * Reads what a fetch brought of one partition. The last batch may be cut off, for a fetch counts bytes: it comes again, whole. What
 * is compressed is opened one batch after the other, while the budget lasts.
 */
export async function readRecordSet(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  { decompress, readOldMessages, budget }: RecordSetDeps,
): Promise<WireRecord[]> {
  const records: WireRecord[] = [];
  const hide = createAbortFilter(aborted);
  let lastBreath = performance.now();
  for (let at = 0; at + FORMAT_AT < bytes.length && budget.left > 0;) {
    const end = at + PREFIX_BYTES + bytes.readInt32BE(at + LENGTH_AT);
    const entry = bytes.subarray(at, end);
    if (end > bytes.length || end <= at + FORMAT_AT) break;
    if (entry.readInt8(FORMAT_AT) === CURRENT_FORMAT && entry.length >= BATCH_HEADER_BYTES) {
      const batch = await readBatch(entry, decompress);
      budget.left -= batch.expandedBytes;
      append(records, hide(batch));
    } else append(records, await readOldEntry(entry, readOldMessages));
    at = end;
    if (performance.now() - lastBreath > BREATHE_AFTER_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      lastBreath = performance.now();
    }
  }
  return records;
}

/** Spreading a hundred thousand arguments would end the stack. */
function append(records: WireRecord[], more: readonly WireRecord[]): void {
  for (const record of more) records.push(record);
}

async function readOldEntry(entry: Buffer, read: RecordSetDeps['readOldMessages']): Promise<WireRecord[]> {
  const offset = entry.readBigInt64BE(0).toString();
  try {
    return await read(entry);
  } catch (error) {
    const failure =
      error instanceof DecodeFailure ? error : corrupt('a message of an old format cannot be read', error);
    const undecodable = describe(failure, offset, offset, entry);
    return [{ offset, timestamp: '-1', ...nothing, attributes: 0, isControlRecord: false, undecodable }];
  }
}

/** The key of a marker: a version, then its kind. */
const isAbort = (key: Buffer | null | undefined): boolean => key?.length === 4 && key.readInt16BE(2) === 0;

/**
 * Marks what must not be seen: markers, and records of transactions that were aborted, batch by batch as the Java client does
 * (CompletedFetch.nextFetchedRecord). They are kept as control records, because their offsets must be passed.
 */
function createAbortFilter(aborted: readonly AbortedTransaction[]) {
  const toCome = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<string>();
  return function hide(batch: RecordBatch): readonly WireRecord[] {
    for (let next = toCome[0]; next && next.firstOffset <= batch.lastOffset; next = toCome[0]) {
      open.add(next.producerId);
      toCome.shift();
    }
    if (batch.isControl && isAbort(batch.records[0]?.key)) open.delete(batch.producerId);
    const isHidden = batch.isControl || (batch.isTransactional && open.has(batch.producerId));
    return isHidden ? batch.records.map((record) => ({ ...record, isControlRecord: true })) : batch.records;
  };
}

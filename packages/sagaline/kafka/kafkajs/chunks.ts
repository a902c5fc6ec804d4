import type { TopicMessages } from 'kafkajs';
import type { ProducedRecord } from '../port.ts';

/**
 * A broker refuses a record batch above message.max.bytes (1 MiB by default), and kafkajs makes one batch of everything that goes
 * to a partition in one request: so a request stays below that, whatever partition its records hash to.
 */
export const MAX_REQUEST_BYTES = 900 * 1024;
export const MAX_REQUEST_RECORDS = 2_000;

/** Lengths, varints, offset and time of one record in a batch: an upper bound for small headers. */
const RECORD_OVERHEAD_BYTES = 64;
const HEADER_OVERHEAD_BYTES = 8;

/** Size of a record in a produce request, in bytes, rounded up. */
export function sizeOf(record: ProducedRecord): number {
  const { bytes, headers } = contentOf(record);
  return RECORD_OVERHEAD_BYTES + bytes + headers * HEADER_OVERHEAD_BYTES;
}

/** Bytes of key, value and headers alone: no request that brings the record is smaller. */
export const leastSizeOf = (record: ProducedRecord): number => contentOf(record).bytes;

function contentOf({ key, value, headers }: ProducedRecord): { bytes: number; headers: number } {
  const content = { bytes: bytesOf(key) + bytesOf(value), headers: 0 };
  for (const [name, values] of Object.entries(headers)) {
    for (const one of Array.isArray(values) ? values : [values]) {
      content.bytes += bytesOf(name) + bytesOf(one);
      content.headers += 1;
    }
  }
  return content;
}

const bytesOf = (part: Buffer | string | null) => (part === null ? 0 : Buffer.byteLength(part));

/** Cuts items, in order, into groups that fit one request. An item that alone is too large makes a group of its own. */
export function* chunksOf<T>(
  items: Iterable<T>,
  weigh: (item: T) => { bytes: number; records: number },
): Generator<T[]> {
  let chunk: T[] = [];
  let bytes = 0;
  let records = 0;
  for (const item of items) {
    const weight = weigh(item);
    const fits = bytes + weight.bytes <= MAX_REQUEST_BYTES && records + weight.records <= MAX_REQUEST_RECORDS;
    if (chunk.length > 0 && !fits) {
      yield chunk;
      [chunk, bytes, records] = [[], 0, 0];
    }
    chunk.push(item);
    bytes += weight.bytes;
    records += weight.records;
  }
  if (chunk.length > 0) yield chunk;
}

/** Groups records by topic, keeping their order. */
export function byTopic(records: readonly ProducedRecord[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers, partition } of records) {
    const entry = topics.get(topic) ?? { topic, messages: [] };
    const place = partition === undefined ? {} : { partition };
    entry.messages.push({ key, value, headers: { ...headers }, ...place });
    topics.set(topic, entry);
  }
  return [...topics.values()];
}

import { recordTimeMs } from '../ground/instant.ts';
import type { InvalidRecord } from '../events/invalid-record.ts';
import type { ConsumedRecord, ProducedRecord } from '../kafka/port.ts';
import { deadLetterTopicOf } from '../events/topics.ts';
import { keptOf } from './kept.ts';

/** A record that can never succeed, and why. */
export interface DeadLetter {
  readonly record: ConsumedRecord;
  readonly error: InvalidRecord;
}

/**
 * The record for `<topic>.dlq`: key, value and the allowed headers byte for byte, and where, when and why as dlq-* headers.
 *
 * @param rowId given when the value does not fit into the topic: it is left out, and the row of that id has it, or its digest
 */
export function toDeadLetterRecord({ record, error }: DeadLetter, rowId?: bigint): ProducedRecord {
  const { topic, partition, offset, topicLife, timestamp, undecodable } = record;
  const { key, value, headers, omitted } = keptOf(record);
  return {
    topic: deadLetterTopicOf(topic),
    // Not by its key, which may be of any size: letters of one partition keep their order.
    partition,
    key,
    value: rowId === undefined ? value : null,
    headers: {
      ...Object.fromEntries([...headers].map(([name, values]) => [name, [...values]])),
      'dlq-reason': error.reason,
      'dlq-path': error.path,
      'dlq-message': error.message,
      'dlq-topic': topic,
      'dlq-partition': String(partition),
      'dlq-offset': offset,
      'dlq-timestamp': new Date(recordTimeMs(timestamp)).toISOString(),
      ...(topicLife === undefined ? {} : { 'dlq-topic-life': String(topicLife) }),
      ...(undecodable ? { 'dlq-first-offset': undecodable.firstOffset } : {}),
      ...(Object.keys(omitted).length === 0 ? {} : { 'dlq-omitted': JSON.stringify(omitted) }),
      ...(rowId === undefined ? {} : { 'dlq-row-id': String(rowId) }),
    },
  };
}

/** The row of dead_letters: the same, to browse. */
export function toDeadLetterRow({ record, error }: DeadLetter) {
  const { topic, partition, offset, topicLife = 1, timestamp } = record;
  const { key, value, headers, omitted } = keptOf(record);
  const texts = [...headers].map(([name, values]) => [name, values.map((one) => one.toString())]);
  return {
    topic,
    partition,
    offset: BigInt(offset),
    topicLife,
    key: key && new Uint8Array(key),
    value: value && new Uint8Array(value),
    headers: Object.fromEntries(texts) as Record<string, string[]>,
    ...(Object.keys(omitted).length === 0 ? {} : { omitted: { ...omitted } as Record<string, object> }),
    reason: error.reason,
    path: error.path,
    message: error.message,
    recordTime: new Date(recordTimeMs(timestamp)),
  };
}

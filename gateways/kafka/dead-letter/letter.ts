import { recordTimeMs } from '../../instant.ts';
import type { InvalidRecord } from '../invalid-record.ts';
import type { ConsumedRecord, ProducedRecord } from '../port.ts';
import { allowedHeaders, safeText } from '../record-headers.ts';
import { deadLetterTopicOf } from '../topics.ts';

/** A record that can never succeed, and why. */
export interface DeadLetter {
  readonly record: ConsumedRecord;
  readonly error: InvalidRecord;
}

/**
 * The record for `<topic>.dlq`: key, value and the allowed headers byte for byte, and where, when and why as dlq-* headers.
 *
 * @param rowId given when the value is too large for the topic: it is left out, and the row of that id has it
 */
export function toDeadLetterRecord({ record, error }: DeadLetter, rowId?: bigint): ProducedRecord {
  const { topic, partition, offset, timestamp } = record;
  return {
    topic: deadLetterTopicOf(topic),
    key: record.key,
    value: rowId === undefined ? record.value : null,
    headers: {
      ...Object.fromEntries([...passedOn(record)].map(([name, values]) => [name, [...values]])),
      'dlq-reason': error.reason,
      'dlq-path': error.path,
      'dlq-message': error.message.slice(0, 500),
      'dlq-topic': topic,
      'dlq-partition': String(partition),
      'dlq-offset': offset,
      'dlq-timestamp': new Date(recordTimeMs(timestamp)).toISOString(),
      ...(rowId === undefined ? {} : { 'dlq-row-id': String(rowId) }),
    },
  };
}

/** The row of dead_letters: the same, to browse. */
export function toDeadLetterRow({ record, error }: DeadLetter) {
  const { topic, partition, offset, timestamp, key, value } = record;
  const headers = [...passedOn(record)].map(([name, values]) => [name, values.map((one) => one.toString())]);
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key: key && new Uint8Array(key),
    value: value && new Uint8Array(value),
    headers: Object.fromEntries(headers) as Record<string, string[]>,
    reason: error.reason,
    path: error.path,
    message: error.message,
    recordTime: new Date(recordTimeMs(timestamp)),
  };
}

/** Huge values, and values with control characters, stay behind, however allowed their names are. */
function passedOn(record: ConsumedRecord): Map<string, readonly Buffer[]> {
  const headers = [...allowedHeaders(record.headers)];
  return new Map(headers.filter(([, values]) => values.every((one) => safeText(one) !== undefined)));
}

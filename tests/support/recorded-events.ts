/** Events as the pipeline reads them, made without Kafka. */
import {
  readEvent,
  type RecordedEvent,
  type ValidEvent,
} from '../../packages/sagaline/pipeline/runtime/recorded-event.ts';
import type { ConsumedRecord } from '../../packages/sagaline/kafka/port.ts';
import { readingWith } from './reference.ts';

export interface RecordOptions {
  readonly partition?: number;
  readonly offset?: number;
  /** Event time, ms since the epoch; goes into CloudEvents' header. */
  readonly time?: number;
  /** The record's own time; the event time unless told. */
  readonly recordTime?: number;
}

export function recordOf(type: string, payload: object, options: RecordOptions = {}): ConsumedRecord {
  const { partition = 0, offset = 0, time = 0, recordTime = time } = options;
  const headers = {
    ce_specversion: '1.0',
    ce_type: type,
    ce_source: '/test',
    ce_id: `${partition}-${offset}`,
    ce_time: new Date(time).toISOString(),
  };
  const value = Buffer.from(JSON.stringify(payload));
  return { topic: type, partition, offset: String(offset), key: null, value, headers, timestamp: recordTime };
}

export const read = (record: ConsumedRecord): RecordedEvent =>
  readEvent(
    record,
    readingWith((type) => type === 'order.created'),
  );

export function eventOf(...args: Parameters<typeof recordOf>): ValidEvent {
  const event = read(recordOf(...args));
  if (event.fault) throw event.fault;
  return event;
}

export const activity = (time: number, options: RecordOptions = {}, action = 'viewed'): ValidEvent =>
  eventOf('user.activity', { userId: 'u-1', action }, { ...options, time });

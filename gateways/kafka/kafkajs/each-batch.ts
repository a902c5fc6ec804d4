import type { EachBatchHandler, KafkaMessage, TopicPartitionOffset } from 'kafkajs';
import type { Logger } from '../../logger.ts';
import type { ConsumedBatch, ConsumedRecord } from '../port.ts';
import type { ConsumerHealth } from './consumer-health.ts';
import { createLease, type Lease } from './lease.ts';

/** Records in one call of `handle`: a fetch may bring tens of thousands, which nobody wants in one statement. */
const MAX_RECORDS = 500;

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

interface EachBatchDeps {
  readonly handle: (batch: ConsumedBatch) => Promise<void>;
  readonly seek: (position: TopicPartitionOffset) => void;
  readonly maxRecords?: number | undefined;
  readonly health: ConsumerHealth;
  readonly logger: Logger;
}

/**
 * Hands a fetched batch to the handler, in slices, in order. A slice that the handler throws at, or leaves unresolved, is the
 * world's trouble and not the record's: what is left of it is delivered again, in place, with growing pauses, for as long as the
 * partition is ours. So nothing is skipped, the order of a key holds, and the consumer lives.
 */
export function createEachBatch({
  handle,
  seek,
  maxRecords = MAX_RECORDS,
  health,
  logger,
}: EachBatchDeps): EachBatchHandler {
  return async function eachBatch(payload) {
    const { topic, partition, messages } = payload.batch;
    const lease = createLease(payload);
    const work = health.workBegins();
    try {
      for (let at = 0; at < messages.length && lease.isActive(); at += maxRecords) {
        const slice = messages.slice(at, at + maxRecords).map((message) => toRecord(topic, partition, message));
        await deliver(slice, lease);
      }
    } finally {
      work.end();
      lease.end();
    }

    async function deliver(slice: readonly ConsumedRecord[], lease: Lease): Promise<void> {
      let rest = slice;
      for (let attempt = 0; rest.length > 0 && lease.isActive(); attempt++) {
        const { resolved, error } = await tryHandle(rest, lease);
        const left = rest.filter(({ offset }) => BigInt(offset) > resolved);
        if (left.length < rest.length) attempt = 0;
        rest = left;
        if (rest.length === 0 || !lease.isActive()) break;
        work.fails();
        const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
        const where = { topic, partition, offset: rest[0]?.offset, attempt, backoffMs };
        logger.warn(
          { ...where, ...(error ? { err: error } : {}) },
          'records could not be handled and will be tried again',
        );
        await lease.pause(backoffMs);
      }
    }

    async function tryHandle(records: readonly ConsumedRecord[], lease: Lease) {
      let resolved = -1n;
      const batch: ConsumedBatch = {
        topic,
        partition,
        records,
        resolve(offset) {
          // A handler that outlived its lease must not move the next owner's offset.
          if (!lease.isHeld() || BigInt(offset) <= resolved) return;
          resolved = BigInt(offset);
          payload.resolveOffset(offset);
          work.progresses();
        },
        async heartbeat() {
          await lease.heartbeat();
          work.beats();
        },
        isActive: () => lease.isActive(),
        // Makes the lease stale, so that nothing more of this fetch is delivered.
        seek: (offset) => seek({ topic, partition, offset }),
      };
      try {
        await handle(batch);
        return { resolved };
      } catch (error) {
        return { resolved, error };
      }
    }
  };
}

function toRecord(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  const { offset, key, value, headers = {}, timestamp } = message;
  return { topic, partition, offset, key, value, headers, timestamp: Number(timestamp) };
}

import type { Batch, EachBatchHandler, EachBatchPayload, KafkaMessage, TopicPartitionOffset } from 'kafkajs';
import type { Logger } from '../../ground/logger.ts';
import type { ConsumedBatch, ConsumedRecord, Undecodable } from '../port.ts';
import type { BatchWork, ConsumerHealth } from './consumer-health.ts';
import { within, type InHand, type Piece } from './in-hand.ts';
import { createLease, type Lease } from './lease.ts';
import type { Slots } from './slots.ts';

/** Records in one call of `handle`: a fetch may bring tens of thousands, which nobody wants in one statement. */
const MAX_RECORDS = 500;

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
/** A batch that takes longer no longer holds up the other partitions. Below it, nothing is gained by fetching meanwhile. */
const ASIDE_AFTER_MS = 500;

interface EachBatchDeps {
  readonly handle: (batch: ConsumedBatch) => Promise<void>;
  readonly seek: (position: TopicPartitionOffset) => void;
  readonly maxRecords?: number | undefined;
  readonly slots: Slots;
  readonly inHand: InHand;
  readonly health: ConsumerHealth;
  /** Commits what is resolved; never rejects. */
  readonly commit: () => Promise<void>;
  readonly logger: Logger;
}

/** As our patches make them. */
type PatchedBatch = Batch & { readonly topicId?: string };
type PatchedMessage = KafkaMessage & { readonly undecodable?: Undecodable };

/**
 * Hands a fetched batch to the handler, in slices, in order. A slice that the handler throws at, or leaves unresolved, is
 * delivered again, with growing pauses, for as long as the partition is ours: nothing is skipped, and the order of a key holds.
 * Meanwhile its partition alone is paused; kafkajs, which waits for all batches of a fetch, is not made to wait for it.
 */
export function createEachBatch(deps: EachBatchDeps): EachBatchHandler {
  const { inHand, health, commit } = deps;
  return async function eachBatch(payload) {
    if (inHand.isClosed()) {
      payload.pause();
      return;
    }
    const { topic, partition, messages } = payload.batch;
    const lease = createLease(payload);
    const work = health.workBegins({ topic, partition });
    const earlier = inHand.before(topic, partition);
    const failing = new AbortController();
    const piece: Piece = {
      lease,
      bytes: messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0),
      since: Date.now(),
      isFailing: () => work.isFailing(),
      done: earlier
        .then(() => handleAll(deps, payload, lease, work, failing))
        .finally(() => {
          work.end();
          lease.end();
        }),
    };
    inHand.add(topic, partition, piece);

    const failed = new Promise((resolve) => failing.signal.addEventListener('abort', resolve));
    if (await within(piece.done, ASIDE_AFTER_MS, failed)) {
      const lostBy = lease.lostBy();
      if (lostBy) throw lostBy;
      return;
    }
    await inHand.setAside(piece, payload.pause());
    work.setAside();
    // kafkajs commits when eachBatch returns, which is now, and then not before the next batch: there may be none for hours.
    void piece.done.then(commit);
  };
}

/** Never rejects: what the handler throws is tried again. */
async function handleAll(
  deps: EachBatchDeps,
  payload: EachBatchPayload,
  lease: Lease,
  work: BatchWork,
  failing: AbortController,
): Promise<void> {
  const { handle, seek, maxRecords = MAX_RECORDS, slots, logger } = deps;
  const batch: PatchedBatch = payload.batch;
  const { topic, partition, messages } = batch;
  for (let at = 0; at < messages.length && lease.isActive(); at += maxRecords) {
    await deliver(messages.slice(at, at + maxRecords).map((message) => toRecord(topic, partition, message)));
  }

  async function deliver(slice: readonly ConsumedRecord[]): Promise<void> {
    let rest = slice;
    for (let attempt = 0; rest.length > 0 && lease.isActive(); attempt++) {
      const { resolved, error } = await slots.run(() => tryHandle(rest));
      const left = rest.filter(({ offset }) => BigInt(offset) > resolved);
      if (left.length < rest.length) attempt = 0;
      rest = left;
      if (rest.length === 0 || !lease.isActive()) break;
      work.fails();
      failing.abort();
      const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
      const where = { topic, partition, offset: rest[0]?.offset, attempt, backoffMs };
      logger.warn(
        { ...where, ...(error ? { err: error } : {}) },
        'records could not be handled and will be tried again',
      );
      await lease.pause(backoffMs);
    }
  }

  async function tryHandle(records: readonly ConsumedRecord[]) {
    let resolved = -1n;
    // The wait for a free place may have been long.
    if (!lease.isActive()) return { resolved };
    const consumed: ConsumedBatch = {
      topic,
      partition,
      ...(batch.topicId === undefined ? {} : { topicId: batch.topicId }),
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
      seek(offset) {
        seek({ topic, partition, offset });
        // Nothing more of this fetch is delivered, nor counts.
        lease.lose(undefined);
      },
    };
    work.handlerBegins(records[0]?.offset ?? '');
    try {
      await handle(consumed);
      return { resolved };
    } catch (error) {
      return { resolved, error };
    } finally {
      work.handlerEnds();
    }
  }
}

function toRecord(topic: string, partition: number, message: PatchedMessage): ConsumedRecord {
  const { offset, key, value, headers = {}, timestamp, undecodable } = message;
  const record = { topic, partition, offset, key, value, headers, timestamp: Number(timestamp) };
  return undecodable ? { ...record, undecodable } : record;
}

import type { Logger } from '../../logger.ts';
import type { ConsumedBatch, ConsumedRecord } from '../port.ts';
import type { ChunkHandler } from './handle-chunk.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { Isolation } from './isolate.ts';
import type { IngestObserver } from './observer.ts';
import { BatchAbandoned, createRetry, ingestFaultOf, type Retry } from './retry.ts';

/** Records that share their statements, and whose offsets are resolved together. */
const CHUNK_RECORDS = 250;

export interface BatchDeps {
  readonly handleChunk: ChunkHandler;
  readonly isolate: Isolation;
  readonly observer: IngestObserver;
  readonly logger: Logger;
}

/**
 * Handles a batch chunk by chunk; a chunk's offset is resolved when all of it is durable. A chunk that fails although nothing outside
 * is down is taken record by record. When the partition is taken away it breaks off, and the next owner goes on from there. Throws
 * when something outside stays down, or a record is held: what is not resolved comes again.
 */
export function createBatchHandler({ handleChunk, isolate, observer, logger }: BatchDeps) {
  return async function handleBatch(batch: ConsumedBatch): Promise<void> {
    const { topic, partition, records } = batch;
    await withHeartbeats(batch, async (signal) => {
      const retry = createRetry(signal, (operation, error) => {
        observer.retried(operation);
        logger.warn({ topic, partition, operation, err: error }, `${operation} failed and is tried again`);
      });
      for (let at = 0; at < records.length && batch.isActive(); at += CHUNK_RECORDS) {
        const chunk = records.slice(at, at + CHUNK_RECORDS);
        const began = performance.now();
        try {
          await takeChunk(chunk, batch, retry);
        } catch (error) {
          if (error instanceof BatchAbandoned) return;
          throw error;
        }
        observer.batch(topic, chunk.length, performance.now() - began);
      }
    });
  };

  async function takeChunk(chunk: readonly ConsumedRecord[], batch: ConsumedBatch, retry: Retry): Promise<void> {
    try {
      await handleChunk(chunk, retry);
    } catch (error) {
      if (error instanceof BatchAbandoned || ingestFaultOf(error) === 'outage') throw error;
      return isolate(chunk, retry, ({ offset }) => batch.resolve(offset));
    }
    batch.resolve((chunk.at(-1) as ConsumedRecord).offset);
  }
}

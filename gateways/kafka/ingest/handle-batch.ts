import type { Logger } from '../../logger.ts';
import type { ConsumedBatch } from '../port.ts';
import type { ChunkHandler } from './handle-chunk.ts';
import { withHeartbeats } from './heartbeat.ts';
import type { IngestObserver } from './observer.ts';
import { BatchAbandoned, createRetry } from './retry.ts';

/** Records that share their statements, and whose offsets are resolved together. */
const CHUNK_RECORDS = 250;

export interface BatchDeps {
  readonly handleChunk: ChunkHandler;
  readonly observer: IngestObserver;
  readonly logger: Logger;
}

/**
 * Handles a batch chunk by chunk; a chunk's offset is resolved when all of it is durable. When the partition is taken away it
 * breaks off, and the next owner goes on from there. Throws when something outside stays down: nothing of the chunk is resolved.
 */
export function createBatchHandler({ handleChunk, observer, logger }: BatchDeps) {
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
          await handleChunk(chunk, retry);
        } catch (error) {
          if (error instanceof BatchAbandoned) return;
          throw error;
        }
        batch.resolve((chunk.at(-1) as (typeof chunk)[number]).offset);
        observer.batch(topic, chunk.length, performance.now() - began);
      }
    });
  };
}

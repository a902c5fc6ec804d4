import type { Logger } from '../ground/logger.ts';
import type { ConsumedBatch, ConsumedRecord, Kafka } from '../kafka/port.ts';
import type { TopicLives } from '../kafka/topic-lives.ts';
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
  readonly lives: Pick<TopicLives, 'lifeOf' | 'isNew'>;
  readonly kafka: Pick<Kafka, 'offsetsOf'>;
  readonly observer: IngestObserver;
  readonly logger: Logger;
}

/**
 * Handles a batch chunk by chunk; a chunk's offset is resolved when all of it is durable. A chunk that fails although nothing outside
 * is down is taken record by record. When the partition is taken away it breaks off, and the next owner goes on from there. Throws
 * when something outside stays down, or a record is held: what is not resolved comes again.
 */
export function createBatchHandler({ handleChunk, isolate, lives, kafka, observer, logger }: BatchDeps) {
  /** Partitions of a topic made anew that are read from their beginning. */
  const begun = new Set<string>();

  return async function handleBatch(batch: ConsumedBatch): Promise<void> {
    const { topic, partition } = batch;
    await withHeartbeats(batch, async (signal) => {
      const retry = createRetry(signal, (operation, error) => {
        observer.retried(operation);
        logger.warn({ topic, partition, operation, err: error }, `${operation} failed and is tried again`);
      });
      const records = await inTheirLife(batch, retry);
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

  /**
   * The records with the life of their topic. One that this process was the first to see may have been entered in the middle, at the
   * offset that the former life ended with: what is before that is read first, and none of these yet.
   */
  async function inTheirLife(batch: ConsumedBatch, retry: Retry): Promise<readonly ConsumedRecord[]> {
    const { topic, partition, topicId, records } = batch;
    const life = await retry('topic', () => lives.lifeOf(topic, topicId));
    if (life === 1) return records;
    const place = `${topic}@${life}/${partition}`;
    if (lives.isNew(topic, life) && !begun.has(place)) {
      const offsets = await retry('topic', () => kafka.offsetsOf(topic));
      const low = offsets.find((one) => one.partition === partition)?.low ?? 0n;
      begun.add(place);
      logger.warn(
        { topic, partition, life, low: String(low) },
        'the topic was made anew, and is read from its beginning',
      );
      if (BigInt(records[0]?.offset ?? low) > low) {
        batch.seek(String(low));
        return [];
      }
    }
    return records.map((record) => ({ ...record, topicLife: life }));
  }

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

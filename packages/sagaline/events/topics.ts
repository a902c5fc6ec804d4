import type { Catalogue } from '../contracts/catalogue.ts';
import type { TopicSpec } from '../kafka/port.ts';

/** Where records of `topic` go that can never succeed. */
export function deadLetterTopicOf(topic: string): string {
  return `${topic}.dlq`;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Largest batch a topic takes. Above what Temporal takes (2 MB), so that a producer's too large record is dead-lettered with
 * a reason instead of lost at the producer.
 */
const MAX_RECORD_BYTES = 4 * MEBIBYTE;
/** An original at the limit still fits, with the headers that say why it is here. */
const MAX_DEAD_LETTER_BYTES = MAX_RECORD_BYTES + MEBIBYTE;

/** Every topic: one per event type, with `partitions`, and its dead-letter topic. */
export function topicSpecs({ types }: Catalogue, partitions: number): TopicSpec[] {
  return types.flatMap((type) => [
    { topic: type, partitions, config: { 'max.message.bytes': String(MAX_RECORD_BYTES) } },
    {
      topic: deadLetterTopicOf(type),
      partitions: 1,
      // Kept until somebody has looked at it.
      config: { 'max.message.bytes': String(MAX_DEAD_LETTER_BYTES), 'retention.ms': '-1', 'retention.bytes': '-1' },
    },
  ]);
}

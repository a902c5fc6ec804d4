import type { ConsumedRecord, Kafka } from 'sagaline/dev';

/** An event as any consumer finds it on Kafka. */
export interface SeenEvent {
  readonly topic: string;
  readonly key: string;
  readonly eventId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Reads topics from their beginning, and tells whoever waits. */
export type EventsSeen = Awaited<ReturnType<typeof watchEvents>>;

/** @param giveUpAfterMs how long somebody waits for one event */
export async function watchEvents(kafka: Kafka, groupId: string, topics: readonly string[], giveUpAfterMs = 60_000) {
  const seen: SeenEvent[] = [];
  const waiting = new Set<() => void>();

  const consumer = await kafka.createConsumer({
    groupId,
    topics,
    concurrency: topics.length,
    handle: (batch) => {
      seen.push(...batch.records.map(decode));
      for (const wake of waiting) wake();
      for (const { offset } of batch.records.slice(-1)) batch.resolve(offset);
      return Promise.resolve();
    },
  });

  return {
    /** Every event of that key on those topics so far. */
    of: (key: string, among: readonly string[]) =>
      seen.filter((event) => event.key === key && among.includes(event.topic)),

    /** The first event that fits, now or later. @throws Error naming what did not come */
    first(what: string, fits: (event: SeenEvent) => boolean): Promise<SeenEvent> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`${what} did not come within ${giveUpAfterMs} ms`));
        }, giveUpAfterMs);
        const look = () => {
          const found = seen.find(fits);
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },

    close: () => consumer.close(),
  };
}

function decode({ topic, key, value, headers }: ConsumedRecord): SeenEvent {
  return {
    topic,
    key: key?.toString() ?? '',
    eventId: String(headers['ce_id'] ?? ''),
    // A dead letter keeps what came, which may be no JSON.
    payload: topic.endsWith('.dlq')
      ? { reason: String(headers['dlq-reason'] ?? '') }
      : (JSON.parse(value?.toString() ?? '{}') as SeenEvent['payload']),
  };
}

import type { Producer, TopicMessages } from 'kafkajs';
import type { Logger } from '../../ground/logger.ts';
import { KafkaUnavailable } from '../errors.ts';
import { reasonOf, sendFailure } from './errors.ts';

const ACK_TIMEOUT_MS = 10_000;
const RECONNECT_AFTER_MS = 1_000;

export interface ProducerConnection {
  /** Connects when there is no connection. @throws KafkaUnavailable */
  get(): Promise<Producer>;
  /** Sends one request. @throws KafkaUnavailable, RecordsRefused */
  send(topicMessages: TopicMessages[]): Promise<void>;
  isReady(): boolean;
  close(): Promise<void>;
}

/**
 * Holds one connected producer, and replaces it after every failed send.
 *
 * After a failure kafkajs rolls its sequence numbers back although the broker may have written the batch: the next batch of that
 * size would carry the same numbers, be taken for a repetition, and be acknowledged without being written. A new producer has a new
 * id, and no such past.
 */
export function createProducerConnection(open: () => Producer, logger: Logger): ProducerConnection {
  let current: Promise<Producer> | undefined;
  let ready = false;
  let closed = false;
  let reconnect: NodeJS.Timeout | undefined;

  function get(): Promise<Producer> {
    current ??= connect();
    return current;
  }

  async function connect(): Promise<Producer> {
    clearTimeout(reconnect);
    const producer = open();
    try {
      await producer.connect();
      ready = true;
      return producer;
    } catch (error) {
      discard(producer);
      throw new KafkaUnavailable('accept a producer', reasonOf(error), { cause: error });
    }
  }

  function discard(producer: Producer): void {
    ready = false;
    current = undefined;
    producer.disconnect().catch(() => undefined);
    if (closed) return;
    // Readiness must come back without anybody sending: nobody sends through a process that is not ready.
    reconnect = setTimeout(() => {
      get().catch((error: unknown) =>
        logger.warn({ reason: reasonOf(error) }, 'the Kafka producer cannot reconnect yet'),
      );
    }, RECONNECT_AFTER_MS);
  }

  return {
    get,
    async send(topicMessages) {
      const producer = await get();
      try {
        await producer.sendBatch({ acks: -1, timeout: ACK_TIMEOUT_MS, topicMessages });
      } catch (error) {
        discard(producer);
        const topics = topicMessages.map(({ topic }) => topic);
        throw sendFailure(topics, error);
      }
    },
    isReady: () => ready,
    async close() {
      closed = true;
      ready = false;
      clearTimeout(reconnect);
      const producer = await current?.catch(() => undefined);
      await producer?.disconnect();
    },
  };
}

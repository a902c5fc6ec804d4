import type { Kafka as KafkaJs, Producer } from 'kafkajs';
import type { Logger } from '../../ground/logger.ts';
import { KafkaUnavailable, RecordsRefused } from '../errors.ts';
import type { ProducedRecord, RecordProducer } from '../port.ts';
import { byTopic, chunksOf, leastSizeOf, MAX_REQUEST_BYTES, sizeOf } from './chunks.ts';
import { createPartitioner } from './partitioner.ts';
import { createProducerConnection } from './producer-connection.ts';
import { createSizeLimits } from './size-limits.ts';

/** A send that takes longer than this makes the producer unready, before it fails. */
const SLOW_SEND_MS = 5_000;

interface Call {
  readonly records: readonly ProducedRecord[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An idempotent producer that sends one request after the other: kafkajs loses or reorders concurrent sends of one idempotent
 * producer (tulios/kafkajs#598, #1005). Calls that come while a request is on its way share the next one.
 *
 * `send` throws RecordsRefused when the broker refuses the records themselves, KafkaUnavailable for everything else. In both
 * cases some of the records may have been written: send them again with the same event ids. What is too large for its topic is
 * refused before anything is sent, because a broker cuts the connection at a request that is too large, again and again.
 *
 * @throws KafkaUnavailable when no broker answers
 */
export async function createProducer(kafka: KafkaJs, logger: Logger): Promise<RecordProducer> {
  const connection = createProducerConnection(() => openProducer(kafka), logger);
  await connection.get();
  const limits = createSizeLimits(kafka);

  const queue: Call[] = [];
  let working: Promise<void> | undefined;
  let sendingSince: number | undefined;
  let closing = false;

  async function work(): Promise<void> {
    while (queue.length > 0) {
      const [calls = []] = chunksOf(queue, ({ bytes, records }) => ({ bytes, records: records.length }));
      queue.splice(0, calls.length);
      await settle(calls);
    }
    working = undefined;
  }

  async function settle(calls: readonly Call[]): Promise<void> {
    try {
      await sendAll(calls.flatMap(({ records }) => records));
      for (const call of calls) call.resolve();
    } catch (error) {
      if (calls.length === 1 || !(error instanceof RecordsRefused)) {
        for (const call of calls) call.reject(error);
        return;
      }
      // One caller's records are refused: the others must not suffer for it.
      for (const call of calls) await settle([call]);
    }
  }

  async function sendAll(records: readonly ProducedRecord[]): Promise<void> {
    sendingSince = Date.now();
    try {
      await refuseTooLarge(records);
      for (const chunk of chunksOf(records, (record) => ({ bytes: sizeOf(record), records: 1 }))) {
        await connection.send(byTopic(chunk));
      }
    } finally {
      sendingSince = undefined;
    }
  }

  /** Asks for limits only where a record is larger than Kafka's default lets pass. */
  async function refuseTooLarge(records: readonly ProducedRecord[]): Promise<void> {
    for (const record of records) {
      const bytes = leastSizeOf(record);
      if (bytes > MAX_REQUEST_BYTES && bytes > (await limits.of(record.topic))) {
        throw new RecordsRefused([record.topic], 'MESSAGE_TOO_LARGE');
      }
    }
  }

  return {
    send(records) {
      if (closing) return Promise.reject(new KafkaUnavailable('take records', 'the producer is closing'));
      if (records.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
        queue.push({ records, bytes, resolve, reject });
        working ??= work();
      });
    },
    isReady: () => !closing && connection.isReady() && Date.now() - (sendingSince ?? Date.now()) < SLOW_SEND_MS,
    async close() {
      closing = true;
      await working;
      await connection.close();
    },
  };
}

function openProducer(kafka: KafkaJs): Producer {
  return kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner,
    // Bounded, although kafkajs warns of it: a producer whose send failed is thrown away, so its sequence cannot be reused.
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 2_000 },
  });
}

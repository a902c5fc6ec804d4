import type { Consumer, Kafka as KafkaJs } from 'kafkajs';
import type { Logger } from '../../logger.ts';
import { ConsumerGaveUp, KafkaUnavailable } from '../errors.ts';
import type { BatchConsumer, ConsumerOptions } from '../port.ts';
import { refuseForeignTopics, refuseMissingTopics } from './admin.ts';
import { createConsumerHealth } from './consumer-health.ts';
import { createEachBatch } from './each-batch.ts';
import { isRetriable, reasonOf } from './errors.ts';
import { createRecovery, type RecoveryLimits } from './recovery.ts';

/** Bounds of a consumer's recovery; see DEFAULTS. */
export interface ConsumerTuning extends Partial<RecoveryLimits> {
  /** Time after which the group gives a silent member's partitions to others, ms. Brokers allow 6 s and more. */
  readonly sessionTimeoutMs?: number;
  /** Silence after which a consumer is not ready, ms. */
  readonly staleAfterMs?: number;
  /** Silence after which a consumer that did not crash is rebuilt all the same, ms. */
  readonly wedgedAfterMs?: number;
}

const DEFAULTS: Required<ConsumerTuning> = {
  sessionTimeoutMs: 10_000,
  staleAfterMs: 20_000,
  wedgedAfterMs: 60_000,
  maxRebuilds: 5,
  maxOutageMs: 10 * 60_000,
  rebuildAfterMs: 500,
};

/** A record may be as large as a dead letter's topic allows; a fetch must be able to bring it. */
const MAX_PARTITION_BYTES = 12 * 1024 * 1024;
const MAX_FETCH_BYTES = 32 * 1024 * 1024;
/** Several such consumers share a process, and each holds a fetch as objects: less of it, which is enough for their batches. */
const MAX_KEPT_FETCH_BYTES = 8 * 1024 * 1024;

interface ConsumerDeps {
  readonly kafka: KafkaJs;
  readonly logger: Logger;
  readonly options: ConsumerOptions;
  readonly tuning: ConsumerTuning;
}

/**
 * A member of a consumer group that survives its library: kafkajs restarts after a retriable crash for ever, and after any other
 * never (tulios/kafkajs#1721, #1443). Here every crash ends the kafkajs consumer, and a new one is built, until `failed` rejects
 * with the reason. Leave `failed` unhandled, and Node ends the process by itself.
 *
 * @throws TopicsMissing, GroupTopicsDiffer, KafkaUnavailable when it cannot start
 */
export async function createConsumer({ kafka, logger, options, tuning }: ConsumerDeps): Promise<BatchConsumer> {
  const { groupId, topics } = options;
  const limits = { ...DEFAULTS, ...tuning };
  const recovery = createRecovery(limits);
  const health = createConsumerHealth(limits.staleAfterMs, () => recovery.alive());
  const eachBatch = createEachBatch({
    handle: (batch) => options.handle(batch),
    seek: (position) => current?.seek(position),
    maxRecords: options.maxRecords,
    health,
    logger,
  });

  let current: Consumer | undefined;
  let starting = false;
  let recovering: Promise<void> | undefined;
  const closing = new AbortController();
  let fail: (error: Error) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));

  async function start(): Promise<void> {
    await refuseMissingTopics(kafka, topics);
    const maxFetchBytes = options.startAt ? MAX_KEPT_FETCH_BYTES : MAX_FETCH_BYTES;
    const consumer = openConsumer(kafka, groupId, limits.sessionTimeoutMs, maxFetchBytes);
    current = consumer;
    starting = true;
    health.watch(consumer);
    if (options.startAt) seekWhenAssigned(consumer, (topic, partition) => options.startAt?.(topic, partition));
    consumer.on(consumer.events.CRASH, ({ payload }) => crashed(consumer, payload.error));
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        eachBatch,
        eachBatchAutoResolve: false,
        ...(options.startAt ? { autoCommit: false } : { autoCommitInterval: 1_000 }),
        partitionsConsumedConcurrently: options.concurrency,
      });
    } catch (error) {
      current = undefined;
      await consumer.disconnect().catch(() => undefined);
      throw new KafkaUnavailable('accept a consumer', reasonOf(error), { cause: error });
    } finally {
      starting = false;
    }
  }

  function crashed(consumer: Consumer, error: Error): void {
    if (consumer !== current || closing.signal.aborted) return;
    current = undefined;
    health.lost();
    recovering = recover(error);
  }

  async function recover(error: unknown): Promise<void> {
    for (let cause = error; ;) {
      const pauseMs = recovery.crashed(cause);
      if (pauseMs === undefined) {
        const reason = cause instanceof Error ? cause : new Error(String(cause));
        return fail(new ConsumerGaveUp(groupId, recovery.rebuilds(), reason));
      }
      const about = { groupId, reason: reasonOf(cause), retriable: isRetriable(cause), pauseMs };
      logger.error(about, 'the consumer crashed and will be rebuilt');
      if (!(await pause(pauseMs, closing.signal))) return;
      try {
        await start();
        return logger.info({ groupId }, 'the consumer was rebuilt');
      } catch (failure) {
        cause = failure;
      }
    }
  }

  await refuseForeignTopics(kafka, groupId, topics, limits.sessionTimeoutMs + 1_000);
  await start();

  const watchdog = setInterval(() => {
    const silentMs = health.silentForMs();
    if (!current || starting || health.isBusy() || silentMs < limits.wedgedAfterMs) return;
    const wedged = current;
    crashed(wedged, new KafkaUnavailable('answer a fetch', `nothing for ${silentMs} ms`));
    wedged.disconnect().catch(() => undefined);
  }, limits.wedgedAfterMs / 4);

  return {
    failed,
    isReady: () => !closing.signal.aborted && health.isReady(),
    async close() {
      closing.abort();
      clearInterval(watchdog);
      await recovering;
      await current?.disconnect();
    },
  };
}

/** Between joining and the first fetch, so that nothing is fetched from where nobody wants to read. */
function seekWhenAssigned(consumer: Consumer, startAt: (topic: string, partition: number) => string | undefined): void {
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
      for (const partition of partitions) {
        const offset = startAt(topic, partition);
        if (offset !== undefined) consumer.seek({ topic, partition, offset });
      }
    }
  });
}

function openConsumer(kafka: KafkaJs, groupId: string, sessionTimeoutMs: number, maxFetchBytes: number): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.floor(sessionTimeoutMs / 5),
    rebalanceTimeout: 30_000,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    minBytes: 1,
    // A long poll: the broker answers as soon as there is a byte.
    maxWaitTimeInMs: 500,
    maxBytesPerPartition: Math.min(MAX_PARTITION_BYTES, maxFetchBytes),
    maxBytes: maxFetchBytes,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: () => Promise.resolve(false) },
  });
}

/** Waits; false when the signal came first. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve(!signal.aborted);
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

import { PartitionAssigners, type Consumer, type Kafka as KafkaJs, type PartitionAssigner } from 'kafkajs';
import type { Logger } from '../../ground/logger.ts';
import { ConsumerGaveUp, KafkaUnavailable } from '../errors.ts';
import type { BatchConsumer, ConsumerOptions } from '../port.ts';
import { refuseForeignTopics, refuseMissingTopics } from './admin.ts';
import { createConsumerHealth } from './consumer-health.ts';
import { createEachBatch } from './each-batch.ts';
import { isRetriable, reasonOf } from './errors.ts';
import { createFetchPolicy } from './fetch-policy.ts';
import { createInHand } from './in-hand.ts';
import { isCluster, type Cluster } from './patches/internals.ts';
import { setPolicy, type FetchPolicy } from './patches/policy.ts';
import { topicIdIn } from './patches/topic-ids.ts';
import { createRecovery, type RecoveryLimits } from './recovery.ts';
import { createSlots } from './slots.ts';

/** Bounds of a consumer's recovery; see DEFAULTS. */
export interface ConsumerTuning extends Partial<RecoveryLimits> {
  /** Time after which the group gives a silent member's partitions to others, ms. Brokers allow 6 s and more. */
  readonly sessionTimeoutMs?: number;
  /** Silence after which a consumer is not ready, ms. */
  readonly staleAfterMs?: number;
  /** Silence after which a consumer that did not crash is rebuilt all the same, ms. */
  readonly wedgedAfterMs?: number;
  /** Time after which a handler that has resolved nothing, and not come back, makes the consumer unready, ms. */
  readonly stuckAfterMs?: number;
}

const DEFAULTS: Required<ConsumerTuning> = {
  sessionTimeoutMs: 10_000,
  staleAfterMs: 20_000,
  wedgedAfterMs: 60_000,
  stuckAfterMs: 30_000,
  maxRebuilds: 5,
  maxOutageMs: 10 * 60_000,
  rebuildAfterMs: 500,
};

/** A record may be as large as a dead letter's topic allows; a fetch must be able to bring it. */
const MAX_PARTITION_BYTES = 12 * 1024 * 1024;
const MAX_FETCH_BYTES = 32 * 1024 * 1024;
/** Several such consumers share a process, and each holds a fetch as objects: less of it, which is enough for their batches. */
const MAX_KEPT_FETCH_BYTES = 8 * 1024 * 1024;

/** Whoever closes a consumer sets a bound of its own, which is lower. */
const CLOSE_WAITS_MS = 10 * 60_000;

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
  const health = createConsumerHealth(limits, () => recovery.alive());
  const maxFetchBytes = options.startAt ? MAX_KEPT_FETCH_BYTES : MAX_FETCH_BYTES;
  const inHand = createInHand(maxFetchBytes);
  const policy = createFetchPolicy({ options, inHand, consumer: () => current, logger });
  const eachBatch = createEachBatch({
    handle: (batch) => options.handle(batch),
    seek: (position) => current?.seek(position),
    maxRecords: options.maxRecords,
    slots: createSlots(options.concurrency),
    inHand,
    health,
    commit: () => policy.commit(),
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
    const opening = { groupId, sessionTimeoutMs: limits.sessionTimeoutMs, maxFetchBytes, policy };
    const { consumer, cluster } = openConsumer(kafka, opening);
    current = consumer;
    starting = true;
    health.watch(consumer);
    if (options.startAt) {
      seekWhenAssigned(consumer, (topic, partition) =>
        options.startAt?.(topic, partition, cluster && topicIdIn(cluster, topic)),
      );
    }
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
    for (const handler of health.stuck()) {
      logger.error({ groupId, ...handler }, 'records are in hand, and nothing comes of it: the consumer is not ready');
    }
    const silentMs = health.silentForMs();
    if (!current || starting || health.isBusy() || silentMs < limits.wedgedAfterMs) return;
    const wedged = current;
    crashed(wedged, new KafkaUnavailable('answer a fetch', `nothing for ${silentMs} ms`));
    wedged.disconnect().catch(() => undefined);
  }, limits.wedgedAfterMs / 4);

  return {
    failed,
    isReady: () => !closing.signal.aborted && health.isReady() && policy.stopped().length === 0,
    async close() {
      closing.abort();
      clearInterval(watchdog);
      policy.close();
      await recovering;
      inHand.close();
      await inHand.drain(CLOSE_WAITS_MS);
      await policy.commit();
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

interface Opening {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly maxFetchBytes: number;
  readonly policy: FetchPolicy;
}

function openConsumer(kafka: KafkaJs, { groupId, sessionTimeoutMs, maxFetchBytes, policy }: Opening) {
  const shown: { cluster?: Cluster } = {};
  // kafkajs shows its cluster to whoever assigns partitions, and to nobody else.
  const assigner: PartitionAssigner = (deps) => {
    if (isCluster(deps.cluster)) setPolicy((shown.cluster = deps.cluster), policy);
    return PartitionAssigners.roundRobin(deps);
  };
  const consumer = kafka.consumer({
    groupId,
    partitionAssigners: [assigner],
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
  return { consumer, cluster: shown.cluster };
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

import type { EachBatchPayload } from 'kafkajs';

const BEAT_EVERY_MS = 1_000;

/** Thrown into a handler whose partition was taken away: stop, somebody else handles these records. */
export class PartitionLost extends Error {
  override readonly name = 'PartitionLost';
  constructor(topic: string, partition: number, options: ErrorOptions) {
    super(`partition ${partition} of ${topic} was taken away`, options);
  }
}

/** The right to handle one batch: ends when the group takes the partition away, or the consumer stops. */
export interface Lease {
  /** False once the group took the partition away: what is done now is somebody else's to tell. */
  isHeld(): boolean;
  /** False also while the consumer stops: begin nothing new. */
  isActive(): boolean;
  /** Keeps the membership and commits what is resolved. @throws PartitionLost */
  heartbeat(): Promise<void>;
  /** Waits; ends early when the lease does. */
  pause(ms: number): Promise<void>;
  /** Begin nothing new: the consumer stops, or joins its group again. What is resolved until then still counts. */
  leave(): void;
  /** Ends it from outside. */
  lose(cause: unknown): void;
  /** Stops beating. */
  end(): void;
  /** kafkajs's own error when the partition was lost, which its runner must see to join the group again. */
  lostBy(): Error | undefined;
}

/**
 * Beats by itself for as long as it is held, so that a handler may be slow without knowing of sessions. kafkajs calls a batch
 * stale only after a seek, and tells of a rebalance only by throwing from heartbeat: here both end the lease.
 */
export function createLease(payload: EachBatchPayload): Lease {
  const { batch } = payload;
  let lost: { cause: unknown } | undefined;
  let isLeaving = false;

  const isHeld = () => !lost && !payload.isStale();
  const isActive = () => isHeld() && !isLeaving && payload.isRunning();

  async function beat(): Promise<void> {
    if (lost) return;
    try {
      await payload.heartbeat();
      await payload.commitOffsetsIfNecessary();
    } catch (cause) {
      lost ??= { cause };
    }
  }
  const timer = setInterval(() => void beat(), BEAT_EVERY_MS);

  return {
    isHeld,
    isActive,
    async heartbeat() {
      await beat();
      if (!isHeld() || isLeaving) throw new PartitionLost(batch.topic, batch.partition, { cause: lost?.cause });
    },
    async pause(ms) {
      const until = Date.now() + ms;
      while (isActive() && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(100, until - Date.now())));
      }
    },
    leave: () => (isLeaving = true),
    lose: (cause) => (lost ??= { cause }),
    end: () => clearInterval(timer),
    lostBy: () => (lost?.cause instanceof Error ? lost.cause : undefined),
  };
}

import type { PartitionEndsBelow } from '../../port.ts';
import type { Cluster, ConsumerGroup } from './internals.ts';

/** What our consumer says to the fetch loop of its kafkajs consumer. */
export interface FetchPolicy {
  /** How long the broker may hold a fetch back that has nothing to bring, ms. */
  maxWaitMs(most: number): number;
  /** Waits, while there is nothing to ask for; ends early when a partition is read again. */
  idle(mostMs: number): Promise<void>;
  /** The member is about to join again: batches in hand are lost, and get a while to end. */
  beforeJoin(group: ConsumerGroup): Promise<void>;
  /** The broker answered for this partition. */
  fetched(topic: string, partition: number): void;
  /** Where to read on from, or undefined when the partition was stopped. */
  partitionEndsBelow(gap: PartitionEndsBelow): string | undefined;
  /** Records between what was to be read next and what is kept are gone. */
  recordsGone(gap: PartitionEndsBelow): void;
  topicMadeAnew(what: { topic: string; partition: number; committed: string }): void;
}

/** kafkajs makes one cluster for each consumer. */
const policies = new WeakMap<Cluster, FetchPolicy>();

export function setPolicy(cluster: Cluster, policy: FetchPolicy): void {
  policies.set(cluster, policy);
}

export const policyOf = (cluster: Cluster): FetchPolicy | undefined => policies.get(cluster);

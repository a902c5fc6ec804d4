import type { Cluster, ConsumerGroup } from './internals.ts';
import { policyOf } from './policy.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string | undefined;
  /** The offset that was to be read next. */
  readonly next: string;
}

/**
 * The broker has nothing at an offset. kafkajs goes to the beginning without a word; here it is told apart whether records were
 * deleted before they were read, which nothing brings back, or the log ends too early, which somebody must decide.
 */
export async function recoverOffset(group: ConsumerGroup, { topic, partition, topicId, next }: Place): Promise<void> {
  const replicas = group.preferredReadReplicasPerTopicPartition[topic];
  if (replicas?.[partition]) {
    // A replica may lag; its leader knows.
    Reflect.deleteProperty(replicas, partition);
    return;
  }
  const policy = policyOf(group.cluster);
  const [low, high] = await Promise.all([
    edgeOf(group.cluster, topic, partition, true),
    edgeOf(group.cluster, topic, partition, false),
  ]);
  if (low === undefined || high === undefined) return;
  const gap = { topic, partition, ...(topicId === undefined ? {} : { topicId }), next, low, high };
  if (BigInt(next) < BigInt(low)) {
    policy?.recordsGone(gap);
    group.seek({ topic, partition, offset: low });
  } else if (BigInt(next) > BigInt(high)) {
    const offset = policy?.partitionEndsBelow(gap);
    if (offset !== undefined) group.seek({ topic, partition, offset });
  }
}

async function edgeOf(cluster: Cluster, topic: string, partition: number, fromBeginning: boolean) {
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }]);
  return found?.partitions.find((one) => one.partition === partition)?.offset;
}

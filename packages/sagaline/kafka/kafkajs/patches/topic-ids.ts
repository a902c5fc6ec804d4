import type { Cluster, OffsetManager } from './internals.ts';

/** Kafka's id of a topic, as the cluster's last metadata has it. */
export function topicIdIn(cluster: Cluster, topic: string): string | undefined {
  return cluster.brokerPool.metadata?.topicMetadata.find((one) => one.topic === topic)?.topicId;
}

const joinedWith = new WeakMap<OffsetManager, ReadonlyMap<string, string>>();

/** Notes which topics these offsets belong to. kafkajs makes an offset manager for each time a member joins. */
export function noteTopicIds(offsets: OffsetManager): void {
  const topics = offsets.cluster.brokerPool.metadata?.topicMetadata ?? [];
  joinedWith.set(offsets, new Map(topics.flatMap(({ topic, topicId }) => (topicId ? [[topic, topicId]] : []))));
}

/** The id of the topic that these offsets belong to, which may be gone by now. */
export function topicIdOf(offsets: OffsetManager, topic: string): string | undefined {
  return joinedWith.get(offsets)?.get(topic);
}

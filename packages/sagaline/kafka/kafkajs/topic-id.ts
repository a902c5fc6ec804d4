import { PartitionAssigners, type Kafka as KafkaJs } from 'kafkajs';
import { KafkaUnavailable } from '../errors.ts';
import { reasonOf } from './errors.ts';
import { isCluster, type Cluster } from './patches/internals.ts';

/**
 * Kafka's id of a topic as it is now; undefined where there is no such topic, or the cluster knows no ids.
 *
 * @throws KafkaUnavailable when no broker answers
 */
export async function readTopicId(kafka: KafkaJs, topic: string): Promise<string | undefined> {
  const cluster = clusterOf(kafka);
  try {
    await cluster.connect();
    const { topicMetadata } = await cluster.metadata({ topics: [topic] });
    return topicMetadata.find((one) => one.topic === topic)?.topicId;
  } catch (error) {
    if (error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
    throw new KafkaUnavailable('tell the id of a topic', reasonOf(error), { cause: error });
  } finally {
    await cluster.disconnect().catch(() => undefined);
  }
}

/** kafkajs's admin client does not show topic ids; its cluster has them, and is shown to whoever assigns partitions. */
function clusterOf(kafka: KafkaJs): Cluster {
  let found: Cluster | undefined;
  kafka.consumer({
    groupId: 'sagaline-asks-for-a-topic-id',
    partitionAssigners: [
      (deps) => {
        if (isCluster(deps.cluster)) found = deps.cluster;
        return PartitionAssigners.roundRobin(deps);
      },
    ],
  });
  if (!found) throw new Error('kafkajs shows no cluster to an assigner');
  return found;
}

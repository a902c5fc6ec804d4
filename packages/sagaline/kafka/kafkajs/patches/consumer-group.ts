import type { FetchedPartition, FetchedTopic } from '../wire/fetch-response.ts';
import {
  internals,
  type ConsumerGroup,
  type OffsetManager,
  type PartitionRequest,
  type TopicRef,
} from './internals.ts';
import { recoverOffset } from './out-of-range.ts';
import { policyOf } from './policy.ts';
import { noteTopicIds, topicIdIn, topicIdOf } from './topic-ids.ts';

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** Codes of brokers that know topic ids, which kafkajs does not know: the topic that was asked for is gone. */
const TOPIC_IS_ANOTHER = new Set([100, 103]);

interface TopicRequest {
  readonly topic: TopicRef;
  readonly partitions: readonly PartitionRequest[];
}

/**
 * Replaces kafkajs's fetch, so that one partition's trouble stays its own: what an offset out of range means is asked, not
 * guessed; a topic that was made anew is noticed before its records are taken for the old one's; polls are short while partitions
 * are worked on, which are read again the sooner.
 */
export function patchConsumerGroup(): void {
  const { prototype } = internals.ConsumerGroup;
  const { joinAndSync } = prototype;

  prototype.joinAndSync = async function (this: ConsumerGroup) {
    await policyOf(this.cluster)?.beforeJoin(this);
    await joinAndSync.call(this);
    if (this.offsetManager) noteTopicIds(this.offsetManager);
  };

  prototype.fetch = async function (this: ConsumerGroup, nodeId: number) {
    try {
      return await fetch(this, nodeId);
    } catch (error) {
      await this.recoverFromFetch(error);
      return [];
    }
  };
}

async function fetch(group: ConsumerGroup, nodeId: number): Promise<object[]> {
  const { cluster, offsetManager, maxWaitTime = 0 } = group;
  await cluster.refreshMetadataIfNecessary();
  group.checkForStaleAssignment();
  if (!offsetManager) return [];
  const assigned = group.filterPartitionsByNode(nodeId, group.subscriptionState.assigned());
  refuseTopicsMadeAnew(offsetManager, assigned);
  await group.seekOffsets(assigned);

  const policy = policyOf(cluster);
  const requests = requestsOf(group, offsetManager, assigned);
  if (requests.length === 0) {
    await policy?.idle(maxWaitTime);
    return [];
  }
  const broker = await cluster.findBroker({ nodeId });
  const { errorCode, topics } = await broker.fetch({
    maxWaitTime: policy?.maxWaitMs(maxWaitTime) ?? maxWaitTime,
    minBytes: group.minBytes,
    maxBytes: group['maxBytes'] ?? 0,
    isolationLevel: group.isolationLevel,
    topics: requests,
    rackId: group.rackId,
  });
  if (errorCode !== 0) throw errorOf(errorCode);
  const batches: object[] = [];
  for (const topic of topics) batches.push(...(await batchesOf(group, topic, requests)));
  return batches;
}

/** The metadata were read anew, and the offsets belong to a topic that is gone: join again, with offsets of the new one. */
function refuseTopicsMadeAnew(offsets: OffsetManager, assigned: readonly { topic: string }[]): void {
  for (const { topic } of assigned) {
    const [then, now] = [topicIdOf(offsets, topic), topicIdIn(offsets.cluster, topic)];
    if (then !== undefined && now !== undefined && then !== now) throw errorOf(UNKNOWN_TOPIC_OR_PARTITION);
  }
}

function requestsOf(
  group: ConsumerGroup,
  offsets: OffsetManager,
  assigned: readonly { topic: string; partitions: number[] }[],
): TopicRequest[] {
  const committed = offsets.committedOffsets();
  const active = group.getActiveTopicPartitions();
  return assigned
    .map(({ topic, partitions }) => ({
      topic: { name: topic, id: topicIdOf(offsets, topic) },
      partitions: partitions
        .filter((partition) => committed[topic]?.[partition] != null && active[topic]?.has(partition) === true)
        .map((partition) => ({
          partition,
          fetchOffset: offsets.nextOffset(topic, partition).toString(),
          maxBytes: group['maxBytesPerPartition'] ?? 0,
        })),
    }))
    .filter(({ partitions }) => partitions.length > 0);
}

async function batchesOf(group: ConsumerGroup, fetched: FetchedTopic, requests: TopicRequest[]): Promise<object[]> {
  const { topic, partitions } = fetched;
  // A topic may stand in the answer more than once, because its partitions were asked for in a mixed order.
  const request = requests.find(({ topic: { name } }) => name === topic);
  const batches: object[] = [];
  for (const data of partitions) {
    const { partition, errorCode } = data;
    const fetchedOffset = request?.partitions.find((one) => one.partition === partition)?.fetchOffset;
    if (!request || fetchedOffset === undefined) continue;
    if (group.seekOffset.has(topic, partition) || group.subscriptionState.isPaused(topic, partition)) continue;
    if (errorCode === OFFSET_OUT_OF_RANGE) {
      await recoverOffset(group, { topic, partition, topicId: request.topic.id, next: fetchedOffset });
    } else if (errorCode !== 0) {
      throw errorOf(errorCode);
    } else {
      policyOf(group.cluster)?.fetched(topic, partition);
      preferReplica(group, topic, data);
      const batch = new internals.Batch(topic, fetchedOffset, data);
      batches.push(Object.assign(batch, { topicId: request.topic.id }));
    }
  }
  return batches;
}

function errorOf(code: number): Error {
  return internals.createErrorFromCode(TOPIC_IS_ANOTHER.has(code) ? UNKNOWN_TOPIC_OR_PARTITION : code);
}

/** A broker may send a consumer to a replica that is nearer (KIP-392); kafkajs looks here for it. */
function preferReplica(
  group: ConsumerGroup,
  topic: string,
  { partition, preferredReadReplica }: FetchedPartition,
): void {
  if (preferredReadReplica === undefined || preferredReadReplica === -1) return;
  const replicas = (group.preferredReadReplicasPerTopicPartition[topic] ??= {});
  replicas[partition] = { nodeId: preferredReadReplica, expireAt: Date.now() + group.metadataMaxAge };
}

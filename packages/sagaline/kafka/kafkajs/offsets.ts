import type { Kafka as KafkaJs } from 'kafkajs';
import type { PartitionOffsets } from '../port.ts';
import { withAdmin } from './admin.ts';

/** @throws KafkaUnavailable when no broker answers, TopicsMissing is left to whoever subscribes */
export function readTopicOffsets(kafka: KafkaJs, topic: string): Promise<PartitionOffsets[]> {
  return withAdmin(kafka, 'tell offsets', async (admin) => {
    const partitions = await admin.fetchTopicOffsets(topic);
    return partitions.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }));
  });
}

/** The offset of the first record at or after a time, by partition; the end where there is none. */
export function readOffsetsAt(kafka: KafkaJs, topic: string, timeMs: number): Promise<Map<number, bigint>> {
  return withAdmin(kafka, 'tell offsets by time', async (admin) => {
    const partitions = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
    return new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  });
}

/** Forgets groups that nobody will join again; one that is gone already is no trouble. */
export function deleteGroup(kafka: KafkaJs, groupId: string): Promise<void> {
  return withAdmin(kafka, 'forget a group', async (admin) => {
    await admin.deleteGroups([groupId]).catch(() => undefined);
  });
}

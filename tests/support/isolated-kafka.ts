import type { ConsumedBatch, ConsumedRecord, Kafka } from '../../packages/sagaline/kafka/port.ts';

/**
 * The same Kafka with every topic under a prefix: topics are named like event types, so without it every test of the stack
 * would read what the others produce.
 */
export function isolate(kafka: Kafka, prefix: string): Kafka {
  const inner = (topic: string): string => `${prefix}.${topic}`;
  const outer = (topic: string): string => topic.slice(prefix.length + 1);
  const outside = (record: ConsumedRecord): ConsumedRecord => ({ ...record, topic: outer(record.topic) });
  return {
    ping: () => kafka.ping(),
    offsetsOf: (topic) => kafka.offsetsOf(inner(topic)),
    offsetsAt: (topic, timeMs) => kafka.offsetsAt(inner(topic), timeMs),
    topicIdOf: (topic) => kafka.topicIdOf(inner(topic)),
    deleteGroup: (groupId) => kafka.deleteGroup(groupId),
    ensureTopics: (topics) => kafka.ensureTopics(topics.map((spec) => ({ ...spec, topic: inner(spec.topic) }))),
    createConsumer: (options) =>
      kafka.createConsumer({
        ...options,
        topics: options.topics.map(inner),
        ...(options.startAt && {
          startAt: (topic, partition, topicId) => options.startAt?.(outer(topic), partition, topicId),
        }),
        ...(options.onPartitionEndsBelow && {
          onPartitionEndsBelow: (gap) => options.onPartitionEndsBelow?.({ ...gap, topic: outer(gap.topic) }),
        }),
        handle: (batch) => options.handle(isolatedBatch(batch)),
      }),
    async createProducer() {
      const producer = await kafka.createProducer();
      return {
        send: (records) => producer.send(records.map((record) => ({ ...record, topic: inner(record.topic) }))),
        isReady: () => producer.isReady(),
        close: () => producer.close(),
      };
    },
  };

  function isolatedBatch(batch: ConsumedBatch): ConsumedBatch {
    return {
      topic: outer(batch.topic),
      partition: batch.partition,
      ...(batch.topicId === undefined ? {} : { topicId: batch.topicId }),
      records: batch.records.map(outside),
      resolve: (offset) => batch.resolve(offset),
      heartbeat: () => batch.heartbeat(),
      isActive: () => batch.isActive(),
      seek: (offset) => batch.seek(offset),
    };
  }
}

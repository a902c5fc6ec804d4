import { Kafka as KafkaJs } from 'kafkajs';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../ground/logger.ts';
import type { Kafka } from '../port.ts';
import { ensureTopics, ping } from './admin.ts';
import { clientConfig } from './client-config.ts';
import { registerCodecs } from './codecs/register.ts';
import { createConsumer, type ConsumerTuning } from './consumer.ts';
import { deleteGroup, readOffsetsAt, readTopicOffsets } from './offsets.ts';
import { patchKafkaJs } from './patches/patch-kafkajs.ts';
import { createProducer } from './producer.ts';
import { readTopicId } from './topic-id.ts';

/**
 * Kafka through kafkajs. No connection is opened before the first call.
 *
 * @param tuning bounds of the consumer's recovery, for tests
 */
export function createKafka(config: Config['kafka'], logger: Logger, tuning: ConsumerTuning = {}): Kafka {
  registerCodecs();
  patchKafkaJs();
  const kafka = new KafkaJs(clientConfig(config, logger));
  return {
    createProducer: () => createProducer(kafka, logger),
    createConsumer: (options) => createConsumer({ kafka, logger, options, tuning }),
    ensureTopics: (topics) => ensureTopics(kafka, topics),
    ping: () => ping(kafka),
    offsetsOf: (topic) => readTopicOffsets(kafka, topic),
    offsetsAt: (topic, timeMs) => readOffsetsAt(kafka, topic, timeMs),
    topicIdOf: (topic) => readTopicId(kafka, topic),
    deleteGroup: (groupId) => deleteGroup(kafka, groupId),
  };
}

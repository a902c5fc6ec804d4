/** What servers need before Sagaline can use them: tables, topics, search attributes. Idempotent. */
import { readConfig } from '../gateways/config.ts';
import { createKafka } from '../gateways/kafka/kafkajs/create-kafka.ts';
import { topicSpecs } from '../gateways/kafka/topics.ts';
import { createLogger } from '../gateways/logger.ts';
import { migrateDatabase } from '../prisma/migrate.ts';
import { environmentOf, type StackAddresses } from './addresses.ts';
import { registerSearchAttributes } from './search-attributes.ts';

/**
 * @param environment settings beside the addresses: credentials, partitions
 * @throws SearchAttributesMissing, and what database and Kafka say
 */
export async function setUp(addresses: StackAddresses, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const config = readConfig({ ...environment, ...environmentOf(addresses) });
  const kafka = createKafka(config.kafka, createLogger({ name: 'stack', level: 'silent' }));
  await Promise.all([
    migrateDatabase(config.database.url),
    kafka.ensureTopics(topicSpecs(config.kafka.partitions)),
    registerSearchAttributes(config.temporal),
  ]);
}

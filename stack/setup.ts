/** What servers need before Sagaline can use them: tables, topics, search attributes. Idempotent. */
import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { readConfig } from '../gateways/config.ts';
import { createKafka } from '../gateways/kafka/kafkajs/create-kafka.ts';
import { topicSpecs } from '../gateways/kafka/topics.ts';
import { createLogger } from '../gateways/logger.ts';
import { connectionOptionsOf } from '../gateways/temporal/connect.ts';
import { migrateDatabase } from '../prisma/migrate.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/contracts/saga.ts';
import { environmentOf, type StackAddresses } from './addresses.ts';

const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
/** gRPC status. */
const ALREADY_EXISTS = 6;

/** Search attributes that the cluster does not let us register, and those of another type. */
export class SearchAttributesMissing extends Error {
  override readonly name = 'SearchAttributesMissing';
}

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

/** Registers what is missing; waits for nothing when all are there. @throws SearchAttributesMissing */
export async function registerSearchAttributes(
  options: Parameters<typeof connectionOptionsOf>[0] & { namespace: string },
): Promise<void> {
  const { namespace } = options;
  const connection = await Connection.connect(connectionOptionsOf(options));
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const names = Object.values(SEARCH_ATTRIBUTES);
    const wrong = names.filter((name) => (customAttributes[name] ?? KEYWORD) !== KEYWORD);
    if (wrong.length > 0) throw new Error(`${wrong.join(', ')} exist with another type`);
    const missing = names.filter((name) => customAttributes[name] === undefined);
    if (missing.length === 0) return;
    await connection.operatorService
      .addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
      })
      .catch((error: unknown) => {
        // Somebody else was faster.
        if ((error as { code?: unknown }).code !== ALREADY_EXISTS) throw error;
      });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new SearchAttributesMissing(
      `search attributes ${Object.values(SEARCH_ATTRIBUTES).join(', ')} (Keyword) must be registered in namespace ` +
        `${namespace}, and could not be: ${detail}`,
      { cause: error },
    );
  } finally {
    await connection.close();
  }
}

/**
 * `sagaline/dev`: what stands around an application while it is developed: its servers, native or in containers, and a look into
 * them. Nothing of it belongs into production.
 *
 * @packageDocumentation
 */
export { readConfig, type Config } from './config/config.ts';
export { envOf } from './config/declared.ts';
export { SEARCH_ATTRIBUTES } from './contracts/saga.ts';
export { environmentOf, withSandbox, type ServerAddresses, type StackAddresses } from './dev/addresses.ts';
export { createStackCommand } from './dev/command.ts';
export { createExternalStack } from './dev/external.ts';
export { fetchJson, UnexpectedAnswer } from './dev/fetch-json.ts';
export { untilHealthy } from './dev/health/wait.ts';
export { stateDirectoryOf } from './dev/native.ts';
export { isFree } from './dev/native/ports.ts';
export type { Sandbox, StackOwner } from './dev/owner.ts';
export { createStack } from './dev/providers.ts';
export { run } from './dev/tools/run.ts';
export { deadLetterTopicOf } from './events/topics.ts';
export { createLogger } from './ground/logger.ts';
export { createKafka } from './kafka/kafkajs/create-kafka.ts';
export type { ConsumedRecord, Kafka, RecordProducer } from './kafka/port.ts';
export { createClient } from './prisma/connection.ts';
export { createDatabase, type Database } from './prisma/database.ts';
export { catalogueOf } from './process/catalogue.ts';
export { SET_UP_PARTS, setUpPart } from './process/set-up.ts';
export { findSagas } from './sagas/find-sagas.ts';
export { bundleSagas } from './temporal/bundle.ts';

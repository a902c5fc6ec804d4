/** For what stands around an application while it is developed, for `sagaline/dev`: its servers, and looking into them. */
export { envOf } from './config/declared.ts';
export { SEARCH_ATTRIBUTES } from './contracts/saga.ts';
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
export { connectionOptionsOf } from './temporal/connect.ts';

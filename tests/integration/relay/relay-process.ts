/** A relay in a process of its own, to be killed. Prints a line when it is ready. */
import { pino } from 'pino';
import { createFailpoint } from '../../../packages/sagaline/ground/failpoints.ts';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { createKafka } from '../../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { createRelay } from '../../../packages/sagaline/relay/create-relay.ts';

const config = readConfig(process.env);
const logger = pino({ level: 'silent' });
const producer = await createKafka(config.kafka, logger).createProducer();
createRelay({
  databaseUrl: config.database.url,
  producer,
  failpoint: createFailpoint(config.failpoints),
  logger,
  observer: { lanes: (held) => process.stdout.write(`lanes ${held}\n`) },
});

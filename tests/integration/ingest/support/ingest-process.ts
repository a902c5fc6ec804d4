/** Ingest as a process of its own, so that a failpoint can kill it. Says `ready` on standard output. */
import { createFailpoint, type FailpointName } from '../../../../activities/failpoints.ts';
import { readConfig } from '../../../../gateways/config.ts';
import { createKafka } from '../../../../gateways/kafka/kafkajs/create-kafka.ts';
import { createIngest } from '../../../../gateways/kafka/ingest.ts';
import { createLogger } from '../../../../gateways/logger.ts';
import { connectTemporal } from '../../../../gateways/temporal/connect.ts';
import { createDatabase } from '../../../../prisma/database.ts';
import { isolate } from '../../../support/isolated-kafka.ts';
import { quietObserver } from './quiet-observer.ts';
import { catalogue, routes } from '../../../support/reference.ts';

const config = readConfig(process.env);
const logger = createLogger({ name: 'ingest-process', level: 'silent' });
await createIngest({
  catalogue,
  kafka: isolate(createKafka(config.kafka, logger, { sessionTimeoutMs: 6_000 }), config.kafka.groupId),
  database: createDatabase(config.database),
  temporal: await connectTemporal({ config: config.temporal }),
  routes,
  config,
  logger,
  observer: quietObserver,
  failpoint: createFailpoint(config.failpoints as FailpointName[]),
});
process.stdout.write('ready\n');

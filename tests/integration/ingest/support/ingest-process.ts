/** Ingest as a process of its own, so that a failpoint can kill it. Says `ready` on standard output. */
import { createFailpoint, type FailpointName } from '../../../../packages/sagaline/ground/failpoints.ts';
import { readConfig } from '../../../../packages/sagaline/config/config.ts';
import { createKafka } from '../../../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { createIngest } from '../../../../packages/sagaline/ingest/ingest.ts';
import { createLogger } from '../../../../packages/sagaline/ground/logger.ts';
import { connectTemporal } from '../../../../packages/sagaline/temporal/connect.ts';
import { createDatabase } from '../../../../packages/sagaline/prisma/database.ts';
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

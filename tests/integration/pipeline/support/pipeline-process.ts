/** The statistics as a process of its own, so that it can be killed. Says `ready`, then a line for every batch it has committed. */
import { createFailpoint, type FailpointName } from '../../../../packages/sagaline/ground/failpoints.ts';
import { readConfig } from '../../../../packages/sagaline/config/config.ts';
import { createKafka } from '../../../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { createLogger } from '../../../../packages/sagaline/ground/logger.ts';
import { startPipeline } from '../../../../packages/sagaline/pipeline/pipeline.ts';
import { createStatistics } from '../../../../gateways/pipeline/statistics/projection.ts';
import { STATISTICS_DEFAULTS } from '../../../../gateways/pipeline/statistics/settings.ts';
import { isolate } from '../../../support/isolated-kafka.ts';
import { catalogue, routes } from '../../../support/reference.ts';

const config = readConfig(process.env);
const logger = createLogger({ name: 'pipeline-process', level: 'silent' });
const say = (line: string) => void process.stdout.write(`${line}\n`);
const projection = {
  ...createStatistics({ settings: STATISTICS_DEFAULTS }),
  // Only what the test produces, and in small batches: more instants to die at.
  ...{ topics: ['user.activity'], maxRecords: 200 },
};
await startPipeline({
  catalogue,
  projections: [projection],
  kafka: isolate(createKafka(config.kafka, logger, { sessionTimeoutMs: 6_000 }), config.kafka.groupId),
  routes,
  config,
  logger,
  observer: {
    applied: () => say('applied'),
    behind: () => undefined,
    setAside: () => undefined,
    failed: () => undefined,
  },
  failpoint: createFailpoint(config.failpoints as FailpointName[]),
});
say('ready');

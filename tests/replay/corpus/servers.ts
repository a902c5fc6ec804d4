/** Real servers and one worker with the real participants, for as long as the corpus is recorded. */
import { sagaBundle } from '../../../packages/sagaline/temporal/bundle.ts';
import { connectTemporal, type TemporalClient } from '../../../packages/sagaline/temporal/connect.ts';
import { meteredDatabase } from '../../../packages/sagaline/temporal/own-time.ts';
import { connectNative, runSagaWorker } from '../../../packages/sagaline/temporal/worker.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { environmentOf, type StackAddresses } from '../../../packages/sagaline/dev/addresses.ts';
import { participantsOf } from '../../support/participants.ts';
import { app, readAppConfig } from '../../support/reference.ts';
import { quietLogger, quietRuntime } from '../../../packages/sagaline/testing/quiet-runtime.ts';

export interface Servers {
  readonly temporal: TemporalClient;
  readonly taskQueue: string;
  readonly databaseUrl: string;
  readonly paymentUrl: string;
  close(): Promise<void>;
}

const OWN = { TEMPORAL_TASK_QUEUE: 'replay', LOG_LEVEL: 'silent', ALERT_EMAIL: 'operators@sagaline.example' };

/**
 * Wires a worker as gateways/worker.ts does.
 *
 * @param own variables of packages/sagaline/config/config.ts, such as a task queue of its own
 */
export async function openServers(
  addresses: StackAddresses,
  own: Readonly<Record<string, string>> = {},
): Promise<Servers> {
  quietRuntime();
  const environment = { ...environmentOf(addresses), ...OWN, ...own };
  const config = readAppConfig(environment);
  const [connection, bundle] = await Promise.all([connectNative(config.temporal), sagaBundle(app.sagas, quietLogger)]);
  const temporal = await connectTemporal({ config: config.temporal, connection });
  const database = createDatabase(config.database);
  const { participants: ofTheApp } = app;
  const participants = participantsOf(environment, { participants: ofTheApp, database: meteredDatabase(database) });
  const worker = await runSagaWorker({ config, connection, activities: participants.activities, bundle });
  return {
    temporal,
    taskQueue: config.temporal.taskQueue,
    databaseUrl: config.database.url,
    paymentUrl: addresses.paymentUrl,
    async close() {
      await worker.close();
      await participants.close();
      await database.$disconnect();
      await temporal.close();
      await connection.close();
    },
  };
}

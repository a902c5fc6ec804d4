/** The worker of a process, with its participants. */
import type { NativeConnection } from '@temporalio/worker';
import { createParticipants } from '../participants/create-participants.ts';
import { envOf } from '../config/declared.ts';
import { sagaBundle } from '../temporal/bundle.ts';
import { meteredDatabase } from '../temporal/own-time.ts';
import { temporalLogger } from '../temporal/runtime.ts';
import { connectNative, runSagaWorker } from '../temporal/worker.ts';
import { startBackground } from './background-part.ts';
import { orCannotStart, type Process } from './open.ts';

/** @throws CannotStart when no server answers */
export async function openNativeConnection({ config, lifecycle }: Process): Promise<NativeConnection> {
  const { address } = config.temporal;
  const connection = await orCannotStart(
    `Temporal at ${address} does not answer (TEMPORAL_ADDRESS)`,
    connectNative(config.temporal),
  );
  lifecycle.add({ name: 'temporal connection', close: () => connection.close() });
  return connection;
}

/** Runs sagas and their participants. */
export async function startWorker(host: Process, connection: NativeConnection): Promise<void> {
  const { app, config, lifecycle, readiness, logger, metrics } = host;
  const participants = createParticipants({
    participants: app.participants,
    catalogue: host.catalogue,
    envOf: (participant) => envOf(config, participant),
    database: meteredDatabase(host.database),
    failpoint: host.failpoint,
    loggerOf: (participant) => logger.child({ participant }),
    counter: metrics.participantCounter,
    observer: metrics.participants,
  });
  lifecycle.add({ name: 'participants', close: () => participants.close() });
  for (const work of participants.background) {
    lifecycle.add(startBackground(work, logger.child({ part: work.name })));
  }
  // Webpack's report of every module is worth a line only when something is wrong.
  const bundle = await sagaBundle(app.sagas, temporalLogger(logger.child({ part: 'bundle' }, { level: 'warn' })));
  const worker = await runSagaWorker({ config, connection, activities: participants.activities, bundle });
  lifecycle.add(worker);
  readiness['worker'] = () => ({ ok: worker.isRunning() });
  logger.info({ taskQueue: config.temporal.taskQueue }, 'the worker polls');
}

/** The worker of a process, with its participants. */
import type { NativeConnection } from '@temporalio/worker';
import { sagaBundle } from '../temporal/bundle.ts';
import { meteredDatabase } from '../temporal/own-time.ts';
import { temporalLogger } from '../temporal/runtime.ts';
import { connectNative, runSagaWorker } from '../temporal/worker.ts';
import { orCannotStart, type Process } from './open.ts';
import { startPaymentSweeper } from './payment-sweeper.ts';

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
  const participants = app.participants({
    ...host,
    database: meteredDatabase(host.database),
    payment: config.payment,
    notification: config.notification,
    observer: metrics.participants,
  });
  lifecycle.add({ name: 'participants', close: () => Promise.resolve(participants.close()) });
  const sweeperLogger = logger.child({ part: 'payment sweeper' });
  const sweeping = { sweep: participants.sweepPayments, logger: sweeperLogger, observer: metrics.paymentSweeps };
  lifecycle.add(startPaymentSweeper(sweeping));
  // Webpack's report of every module is worth a line only when something is wrong.
  const bundle = await sagaBundle(app.sagas, temporalLogger(logger.child({ part: 'bundle' }, { level: 'warn' })));
  const worker = await runSagaWorker({ config, connection, activities: participants.activities, bundle });
  lifecycle.add(worker);
  readiness['worker'] = () => ({ ok: worker.isRunning() });
  logger.info({ taskQueue: config.temporal.taskQueue }, 'the worker polls');
}

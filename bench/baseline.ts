import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { join } from 'node:path';
import { installRuntime } from '../packages/sagaline/temporal/runtime.ts';
import { createLogger } from '../packages/sagaline/ground/logger.ts';
import type { StackAddresses } from '../packages/sagaline/dev/addresses.ts';
import { inParallel, type Timing } from './timing.ts';

const TASK_QUEUE = 'hand-written';

/** Runs `work` while a worker for the hand-written saga runs on the same Temporal server. */
export async function withBaseline<T>(
  addresses: StackAddresses,
  work: (run: (id: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  installRuntime(createLogger({ name: 'bench', level: 'error' }));
  const connection = await NativeConnection.connect({ address: addresses.temporalAddress });
  const done = () => Promise.resolve();
  const worker = await Worker.create({
    connection,
    namespace: addresses.temporalNamespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'hand-written.saga.ts'),
      logger: new DefaultLogger('WARN'),
    }),
    activities: { charge: () => Promise.resolve('payment'), refund: done, notify: done, record: done, complete: done },
  });
  const client = new Client({ connection, namespace: addresses.temporalNamespace });
  try {
    return await worker.runUntil(() =>
      work((id) =>
        client.workflow.execute('handWrittenSaga', {
          workflowId: `hand-written:${id}`,
          taskQueue: TASK_QUEUE,
          args: [id],
        }),
      ),
    );
  } finally {
    await connection.close();
  }
}

/** One after the other, then a burst. */
export async function measureBaseline(
  addresses: StackAddresses,
  { single, burst }: { single: number; burst: number },
): Promise<Timing> {
  return withBaseline(addresses, async (run) => {
    await inParallel(20, 10, (index) => run(`warm-up-${index}`));
    const { latenciesMs } = await inParallel(single, 1, (index) => run(`single-${index}`));
    const { perSecond } = await inParallel(burst, 64, (index) => run(`burst-${index}`));
    return { latenciesMs, perSecond };
  });
}

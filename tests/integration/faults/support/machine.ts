/** Servers of its own and the processes on them, so that any of these can die. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { readConfig } from '../../../../packages/sagaline/config/config.ts';
import { createKafka } from '../../../../packages/sagaline/kafka/kafkajs/create-kafka.ts';
import { createDatabase } from '../../../../packages/sagaline/prisma/database.ts';
import { environmentOf } from '../../../../packages/sagaline/dev/addresses.ts';
import type { EphemeralStack } from '../../../../stack/ephemeral.ts';
import { watchEvents } from '../../../../stack/events-seen.ts';
import { events } from '../../../../workflows/events.ts';
import { silent } from '../../../support/kafka.ts';
import { startStack } from '../../../support/stack.ts';

type Part = 'gateway' | 'worker';

/** What a process says when it works; its log line is the event that tests await. */
const READY: Readonly<Record<Part, string>> = { gateway: 'the gateway runs', worker: 'the worker polls' };

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Resolves with the signal or code by which it ended. */
  readonly ended: Promise<NodeJS.Signals | number | null>;
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
}

export type Machine = Awaited<ReturnType<typeof startMachine>>;

/** @param stack servers for it alone, which it takes down at its end; the usual ones unless told */
export async function startMachine(name: string, stack?: EphemeralStack) {
  const { addresses, down } = stack ?? (await startStack({ name }));
  const environment: Record<string, string> = {
    ...environmentOf(addresses),
    LOG_LEVEL: 'info',
    HEALTH_PORT: '0',
    PAYMENT_TIMEOUT_MS: '1500',
    SAGA_SETTINGS: '{"orderSaga":{"patience":"20 seconds"}}',
  };
  const running: Partial<Record<Part, RunningProcess>> = {};
  const config = readConfig(environment);
  const kafka = createKafka(config.kafka, silent);
  const seen = await watchEvents(kafka, 'tests', Object.keys(events));
  const producer = await kafka.createProducer();
  const database = createDatabase({ ...config.database, poolSize: 3 });
  const connection = await Connection.connect({ address: addresses.temporalAddress });

  async function launch(part: Part, failpoints: readonly string[] = []): Promise<RunningProcess> {
    const child = spawn(process.execPath, ['--import', 'tsx', `gateways/${part}.ts`], {
      env: { ...process.env, ...environment, SAGALINE_FAILPOINTS: failpoints.join(',') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number | null);
    await says(child, READY[part]);
    const process_: RunningProcess = {
      child,
      ended,
      async kill(signal) {
        child.kill(signal);
        await ended;
      },
    };
    running[part] = process_;
    return process_;
  }

  return {
    addresses,
    events: seen,
    database,
    temporal: new Client({ connection, namespace: addresses.temporalNamespace }),
    launch,
    produce: (topic: string, key: string, value: object) =>
      producer.send([{ topic, key, value: JSON.stringify(value), headers: {} }]),
    async close() {
      for (const { child, kill } of Object.values(running)) {
        if (child.exitCode === null && child.signalCode === null) await kill('SIGTERM');
      }
      await Promise.all([seen.close(), producer.close(), database.$disconnect(), connection.close()]);
      await down();
    },
  };
}

/** Until the process logs the line; fails when it ends before. */
async function says(child: ChildProcess, message: string): Promise<void> {
  const last: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code, signal) =>
      reject(new Error(`ended (${signal ?? code}) before it was ready:\n${last.join('\n')}`)),
    );
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      last.splice(0, last.length - 20);
      last.push(line);
      if (line.includes(message)) resolve();
    });
  });
}

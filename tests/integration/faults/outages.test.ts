/** Whose time a step's time is: real servers that freeze, stop and come back, and steps with less time than that takes. */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { NativeConnection, WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { participants as ofTheApp } from '../../../activities/index.ts';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { connectTemporal, type TemporalClient } from '../../../packages/sagaline/temporal/connect.ts';
import { meteredDatabase } from '../../../packages/sagaline/temporal/own-time.ts';
import { bundleSagas } from '../../../packages/sagaline/temporal/bundle.ts';
import { createSagaStarter } from '../../../packages/sagaline/temporal/start-saga.ts';
import { connectNative, runSagaWorker } from '../../../packages/sagaline/temporal/worker.ts';
import { createDatabase } from '../../../packages/sagaline/prisma/database.ts';
import { JOURNEY_QUERY, type AbortCause, type Journey } from '../../../packages/sagaline/contracts/saga.ts';
import type { SagaResult } from '../../../packages/sagaline/kernel/definition.ts';
import { quietLogger, quietRuntime } from '../../../packages/sagaline/testing/quiet-runtime.ts';
import { aNewOrder } from '../../support/orders.ts';
import { participantsOf } from '../../support/participants.ts';
import { createTestDatabase, testEnvironment, type TestDatabase } from '../../support/stack.ts';
import type { Plan, PlannedKind } from '../../workflow/sagas/planned.saga.ts';

/** Longer than a step has here. */
const OUTAGE_MS = 6_000;
const WITHIN = '2 seconds';

let database: TestDatabase;
let postgres: Way;
let bundle: WorkflowBundleOption;
let connection: NativeConnection;
let temporal: TemporalClient;

beforeAll(async () => {
  quietRuntime();
  const config = readConfig(testEnvironment()).temporal;
  [database, bundle, connection, temporal] = await Promise.all([
    createTestDatabase(),
    bundleSagas(new URL('../../workflow/sagas/', import.meta.url), quietLogger),
    connectNative(config),
    connectTemporal({ config }),
  ]);
  postgres = await openWay(new URL(database.url));
}, 120_000);

afterAll(async () => {
  await temporal.close();
  await connection.close();
  await postgres.close();
  await database.close();
});

describe('an outage of ours that lasts longer than a step has time', { timeout: 120_000 }, () => {
  for (const kind of ['remote', 'local'] as const) {
    test(`a frozen database, ${kind} step: the saga waits, and completes`, async () => {
      const saga = await started(kind);
      postgres.freeze();
      await saga.worker();
      await delay(OUTAGE_MS);
      expect(await saga.state()).toBe('RUNNING');
      postgres.thaw();
      expect(await saga.result()).toMatchObject({ state: 'completed' });
    });

    test(`a stopped database, ${kind} step: the saga waits, and completes`, async () => {
      const saga = await started(kind);
      await postgres.stop();
      await saga.worker();
      await delay(OUTAGE_MS);
      expect(await saga.state()).toBe('RUNNING');
      await postgres.start();
      expect(await saga.result()).toMatchObject({ state: 'completed' });
    });
  }

  test('no worker: the saga waits, and completes', async () => {
    const saga = await started('remote');
    await delay(OUTAGE_MS);
    await saga.worker();
    expect(await saga.result()).toMatchObject({ state: 'completed' });
  });
});

describe('an outage of a participant', { timeout: 120_000 }, () => {
  test('a payment provider that is away for longer than its step has time: the saga rolls back', async () => {
    const provider = await openWay(new URL(inject('stack').paymentUrl));
    await provider.stop();
    const saga = await started('remote');
    await saga.worker(provider.url.href);
    expect(await saga.causeOfRollback()).toEqual({ kind: 'failure', reason: 'StepTimedOut', step: 'step' });
    await saga.abandon();
    await provider.close();
  });
});

/** A saga of one step on a task queue of its own, and the worker that it may have. */
async function started(kind: PlannedKind) {
  const order = aNewOrder();
  const taskQueue = `outages-${order.orderId}`;
  const plan: Plan = [[{ name: 'step', kind, within: WITHIN }]];
  const start = createSagaStarter({ temporal: { client: temporal.client, eager: false }, taskQueue, settings: {} });
  const input = { sagaId: order.orderId, eventId: order.orderId, data: { ...order, plan } };
  await start({ sagaName: 'plannedSaga', type: 'order.created', businessKey: order.orderId, input });
  const handle: WorkflowHandle = temporal.client.workflow.getHandle(`plannedSaga:${order.orderId}`);
  let close = () => Promise.resolve();

  return {
    async worker(paymentUrl?: string) {
      const own = { TEMPORAL_TASK_QUEUE: taskQueue, DATABASE_URL: postgres.url.href };
      const environment = testEnvironment(paymentUrl === undefined ? own : { ...own, PAYMENT_URL: paymentUrl });
      const config = readConfig(environment);
      const open = createDatabase(config.database);
      const participants = participantsOf(environment, { participants: ofTheApp, database: meteredDatabase(open) });
      const worker = await runSagaWorker({ config, connection, activities: participants.activities, bundle });
      close = async () => {
        await worker.close();
        await participants.close();
        await open.$disconnect();
      };
    },
    state: async () => (await handle.describe()).status.name,
    async causeOfRollback(): Promise<AbortCause | undefined> {
      const journey = () => handle.query<Journey>(JOURNEY_QUERY);
      await expect.poll(async () => (await journey()).cause, { timeout: 40_000 }).toBeDefined();
      return (await journey()).cause;
    },
    async abandon(): Promise<void> {
      await handle.terminate('seen');
      await close();
    },
    async result(): Promise<SagaResult> {
      const result = (await handle.result()) as SagaResult;
      await close();
      return result;
    },
  };
}

/** The way to a server, which can freeze in mid-connection, or break and be refused. */
interface Way {
  readonly url: URL;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

async function openWay(to: URL): Promise<Way> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const url = new URL(to);

  function pass(from: Socket): void {
    const onward = connect(Number(to.port), to.hostname);
    for (const [one, other] of [
      [from, onward],
      [onward, from],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
      if (frozen) one.unpipe(other).pause();
      one.on('thaw', () => void one.pipe(other));
    }
  }
  const listen = (port: number) =>
    new Promise<Server>((resolve) => {
      const listening = createServer(pass).listen(port, '127.0.0.1', () => resolve(listening));
    });
  let server = await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  url.hostname = '127.0.0.1';
  url.port = String(port);

  const stop = async () => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.emit('thaw');
    },
    stop,
    async start() {
      server = await listen(port);
    },
    close: stop,
  };
}

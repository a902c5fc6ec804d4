/**
 * Servers that are frozen, killed and started again in the middle of a saga, as containers are: from a record on Kafka to the
 * outcome on Kafka, with real processes that somebody starts again if they end.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationTables } from '../../prisma/application.ts';
import { startContainerStack, type ContainerStack } from '../../stack/containers/start.ts';
import { fetchJson } from '../../packages/sagaline/dev/fetch-json.ts';
import { audit } from '../integration/faults/support/invariants.ts';
import { startMachine, type Machine } from '../integration/faults/support/machine.ts';
import { anOrder } from '../support/orders.ts';
import { TEST_SETTINGS } from '../support/stack-settings.ts';
import { supervise, type Supervised } from './support/supervisor.ts';

let servers: ContainerStack;
let machine: Machine;
let processes: readonly Supervised[] = [];
/** Undone last first, also when only some of it could be done. */
const closings: (() => Promise<void>)[] = [];
let orders = 0;

beforeAll(async () => {
  servers = await startContainerStack({ name: 'container-faults', environment: TEST_SETTINGS, persist: true });
  closings.push(() => servers.down());
  machine = await startMachine('container-faults', servers);
  closings.push(() => machine.close());
  processes = await Promise.all([supervise(machine, 'gateway'), supervise(machine, 'worker')]);
}, 300_000);

afterAll(async () => {
  for (const { stop } of processes) stop();
  for (const close of closings.reverse()) await close();
}, 120_000);

function order(orderId: string, token = 'tok_ok') {
  orders += 1;
  return machine.produce('order.created', orderId, anOrder({ orderId, paymentMethod: { token } }));
}

/** The provider takes its time: the saga is in the middle of its charge when this resolves, and for seconds after. */
async function orderInTheMiddle(orderId: string) {
  await order(orderId, 'tok_slow_5000');
  await until(() => applicationTables(machine.database).payment.count({ where: { orderId } }), 1);
}

const completion = (orderId: string) =>
  machine.events.first(`completion of ${orderId}`, ({ topic, key }) => topic === 'order.completed' && key === orderId);

/** The provider's own book, whatever our servers do. */
async function capturesOf(orderId: string): Promise<number> {
  const ledger = `${machine.addresses.paymentUrl}/v1/ledger`;
  const { entries } = await fetchJson<{ entries: { orderId: string; type: string }[] }>(ledger);
  return entries.filter((entry) => entry.orderId === orderId && entry.type === 'captured').length;
}

const stateOf = async (sagaId: string) =>
  (await machine.database.saga.findUnique({ where: { workflowId: `orderSaga:${sagaId}` } }))?.state;

/** What a load balancer is told; a gateway that is being started again tells nothing. */
const gatewayIs = (wanted: 'ready' | 'not ready') =>
  until(async () => {
    const answer = await fetch(`${machine.addresses.gatewayUrl}/readyz`).catch(() => undefined);
    return answer?.ok ? 'ready' : 'not ready';
  }, wanted);

const until = <T>(read: () => Promise<T>, expected: T) =>
  expect.poll(read, { timeout: 90_000, interval: 50 }).toEqual(expected);

describe('a broker', { timeout: 240_000 }, () => {
  test('frozen in mid-saga: the outcome is stored, and goes out when the broker goes on', async () => {
    await orderInTheMiddle('kafka-frozen');
    await servers.kafka.pause();
    await until(() => stateOf('kafka-frozen'), 'completed');
    expect(
      await machine.database.outboxEvent.count({ where: { key: 'kafka-frozen', publishedAt: null } }),
    ).toBeGreaterThan(0);
    await gatewayIs('not ready');
    await servers.kafka.unpause();
    await completion('kafka-frozen');
    await gatewayIs('ready');
  });

  test('stopped and started in mid-saga: what was stored meanwhile goes out, and new orders come in', async () => {
    await orderInTheMiddle('kafka-stopped');
    await servers.kafka.stop();
    await until(() => stateOf('kafka-stopped'), 'completed');
    await servers.kafka.start();
    await completion('kafka-stopped');
    await order('after-kafka-stopped');
    await completion('after-kafka-stopped');
  });
});

describe('the database', { timeout: 240_000 }, () => {
  test('killed in mid-charge: the card is charged meanwhile, once, and the saga goes on', async () => {
    await orderInTheMiddle('postgres-killed');
    await servers.postgres.kill();
    await order('while-postgres-was-dead');
    await until(() => capturesOf('postgres-killed'), 1);
    await servers.postgres.start();
    await Promise.all([completion('postgres-killed'), completion('while-postgres-was-dead')]);
  });

  test('stopped in good order and started: the same', async () => {
    await orderInTheMiddle('postgres-stopped');
    await servers.postgres.stop();
    await order('while-postgres-was-stopped');
    await until(() => capturesOf('postgres-stopped'), 1);
    await servers.postgres.start();
    await Promise.all([completion('postgres-stopped'), completion('while-postgres-was-stopped')]);
  });

  test('frozen: everybody waits, nobody gives up', async () => {
    await orderInTheMiddle('postgres-frozen');
    await servers.postgres.pause();
    await order('while-postgres-was-frozen');
    await until(() => capturesOf('postgres-frozen'), 1);
    await gatewayIs('not ready');
    await servers.postgres.unpause();
    await Promise.all([completion('postgres-frozen'), completion('while-postgres-was-frozen')]);
    await gatewayIs('ready');
  });
});

describe('Temporal', { timeout: 240_000 }, () => {
  const received = (sagaId: string) => machine.database.inboxEvent.count({ where: { key: sagaId } });

  test('frozen in mid-saga: orders are accepted, and everything goes on when it does', async () => {
    await orderInTheMiddle('temporal-frozen');
    await servers.temporal.pause();
    await order('while-temporal-was-frozen');
    await until(() => received('while-temporal-was-frozen'), 1);
    await until(() => capturesOf('temporal-frozen'), 1);
    await gatewayIs('not ready');
    await servers.temporal.unpause();
    await Promise.all([completion('temporal-frozen'), completion('while-temporal-was-frozen')]);
    await gatewayIs('ready');
  });

  test.each(['stop', 'kill'] as const)('after a %s in mid-saga and a start: the same', async (how) => {
    await orderInTheMiddle(`temporal-${how}`);
    await servers.temporal[how]();
    await order(`while-temporal-was-gone-${how}`);
    await until(() => received(`while-temporal-was-gone-${how}`), 1);
    await until(() => capturesOf(`temporal-${how}`), 1);
    await servers.temporal.start();
    await Promise.all([completion(`temporal-${how}`), completion(`while-temporal-was-gone-${how}`)]);
  });
});

test('afterwards: one charge and one outcome each, all books agree, and whoever ended said why', async () => {
  await until(() => machine.database.outboxEvent.count({ where: { publishedAt: null } }), 0);
  await until(() => machine.database.inboxEvent.count({ where: { state: 'received' } }), 0);
  await audit(machine, { orders, completed: orders });
  // An end that nobody asked for is a failure that says so: never code 0, never a signal.
  for (const { ends } of processes) expect(ends.filter((how) => !/^(1|ended \(1\))/.test(how))).toEqual([]);
});

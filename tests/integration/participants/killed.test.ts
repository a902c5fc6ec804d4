import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

/** Runs one call in a process of its own that kills itself at the failpoint. @returns the signal it died of */
async function dieIn(activity: string, failpoint: string, input: unknown): Promise<string | null> {
  const { databaseUrl, sandbox } = bench;
  const argument = JSON.stringify({ databaseUrl, paymentUrl: sandbox.paymentUrl, failpoint, activity, input });
  const script = new URL('one-call.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, argument], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal;
}

function aCharge() {
  const orderId = fresh('o');
  const key = `orderSaga:${orderId}:payment`;
  return {
    order: { orderId, amount: 700, currency: 'EUR', token: 'tok_ok', key },
    undo: { orderId, actionKey: key, key: `${key}:compensation` },
  };
}

test('a process killed after the provider took the money: the next attempt finds that very charge', async () => {
  const { order } = aCharge();
  expect(await dieIn('payment.charge', 'payment.charge.after-do', order)).toBe('SIGKILL');
  const [captured] = (await bench.sandbox.ledger(order.orderId)).entries;
  expect(captured).toMatchObject({ type: 'captured', amount: 700 });
  expect(await bench.emitted(order.orderId)).toEqual([]);

  const { paymentId } = await bench.participants()['payment.charge'](order);
  expect(paymentId).toBe(captured?.chargeId);
  expect((await bench.sandbox.ledger(order.orderId)).entries).toHaveLength(1);
  expect(await bench.emitted(order.orderId)).toMatchObject([{ type: 'payment.completed', payload: { paymentId } }]);
});

test('a process killed after the provider took the money, and then an undo: the money goes back', async () => {
  const { order, undo } = aCharge();
  expect(await dieIn('payment.charge', 'payment.charge.after-do', order)).toBe('SIGKILL');
  expect(await bench.participants()['payment.refund'](undo)).toEqual({ refunded: 700 });
  expect((await bench.sandbox.ledger(order.orderId)).totals).toEqual({ captured: 700, refunded: 700, balance: 0 });
});

test('a process killed after the provider gave the money back: the next attempt gives nothing back again', async () => {
  const { order, undo } = aCharge();
  await bench.participants()['payment.charge'](order);
  expect(await dieIn('payment.refund', 'payment.charge.after-undo', undo)).toBe('SIGKILL');
  expect((await bench.emitted(order.orderId)).map(({ type }) => type)).toEqual(['payment.completed']);

  expect(await bench.participants()['payment.refund'](undo)).toEqual({ refunded: 700 });
  expect((await bench.sandbox.ledger(order.orderId)).totals).toEqual({ captured: 700, refunded: 700, balance: 0 });
  expect((await bench.emitted(order.orderId)).map(({ type }) => type)).toEqual([
    'payment.completed',
    'payment.refunded',
  ]);
});

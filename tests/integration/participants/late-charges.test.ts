/** Charges that land when nobody waits for them any more: whoever was charged for an order that is off gets the money back. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { createPaymentLedger } from '../../../activities/payment/ledger.ts';
import { createCallSweep } from '../../../packages/sagaline/participants/barrier/sweep.ts';
import { createHttp } from '../../../packages/sagaline/participants/http.ts';
import { callsOf } from '../../../activities/payment/calls.ts';
import { createCharges } from '../../../activities/payment/charges.ts';
import { createHttpProvider } from '../../../activities/payment/http-provider.ts';
import { sweeper } from '../../../activities/payment/sweeper.ts';
import { startBackground } from '../../../packages/sagaline/process/background-part.ts';
import { silent } from '../../support/kafka.ts';
import { failureOf, fresh, openWorkbench, untilDone, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

function aCharge(token: string) {
  const orderId = fresh('o');
  const key = `orderSaga:${orderId}/payment`;
  return {
    order: { orderId, amount: 1999, currency: 'EUR', token, key },
    undo: { orderId, actionKey: key, key: `${key}/undo` },
  };
}

const orderSubject = ({ orderId }: { orderId: string }) => ({ kind: 'order', id: orderId });
const totalsOf = async (orderId: string) => (await bench.sandbox.ledger(orderId)).totals;
const storedOf = (key: string) => applicationTables(bench.database).payment.findUniqueOrThrow({ where: { key } });
/** Whose time is over as soon as it began. */
const ledger = () => createPaymentLedger(bench.database, () => 'orderSaga:w-1');

describe('a provider that is still at a charge', () => {
  test('says that the key is in use: no refusal, and nothing of the attempt before is over', async () => {
    const { order, undo } = aCharge('tok_slow_5000');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants({
      payment: { timeoutMs: 300, settleMs: 10_000 },
    });
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ProviderUnavailable', final: false });
    await vi.waitFor(async () => {
      const again = await failureOf(charge(order));
      expect(again).toMatchObject({ type: 'ProviderUnavailable', final: false });
      expect(again.message).toContain('409 idempotency_key_in_use');
    }, 4_000);
    expect((await failureOf(refund(undo))).type).toBe('ChargeStillOpen');
    expect(await untilDone(() => refund(undo))).toEqual({ refunded: 1999 });
    expect(await totalsOf(order.orderId)).toEqual({ captured: 1999, refunded: 1999, balance: 0 });
  });

  test('makes the charge for the attempt that asks until it is there', async () => {
    const { order } = aCharge('tok_slow_1500');
    const { 'payment.charge': charge } = bench.participants({ payment: { timeoutMs: 300 } });
    expect(await untilDone(() => charge(order), 200)).toMatchObject({ amount: 1999 });
    expect((await bench.sandbox.ledger(order.orderId)).entries).toHaveLength(1);
  });
});

describe('an attempt that knows its end', () => {
  test('ends its own time, and no other attempt’s', async () => {
    const { order, undo } = aCharge('tok_ok');
    const first = await ledger().openIntent({ ...order, subject: orderSubject(order), attemptMs: 60_000 });
    const second = await ledger().openIntent({ ...order, subject: orderSubject(order), attemptMs: 90_000 });
    await ledger().endAttempt(first);
    await ledger().endAttempt(second);
    const { openForMs } = await ledger().markUndone({ key: undo.actionKey, subject: orderSubject(order) });
    expect(openForMs).toBeGreaterThan(50_000);
    expect(openForMs).toBeLessThanOrEqual(60_000);
  });

  test('leaves nothing open when it was the only one', async () => {
    const { order, undo } = aCharge('tok_ok');
    await ledger().endAttempt(await ledger().openIntent({ ...order, subject: orderSubject(order), attemptMs: 60_000 }));
    expect(await ledger().markUndone({ key: undo.actionKey, subject: orderSubject(order) })).toMatchObject({
      openForMs: 0,
    });
  });
});

interface SweepOptions {
  readonly afterMs?: readonly number[];
  readonly url?: string;
}

function aSweep({ afterMs, url = bench.sandbox.paymentUrl }: SweepOptions = {}) {
  const provider = createHttpProvider({ url, timeoutMs: 5_000 });
  const ledger = createPaymentLedger(bench.database, () => undefined);
  const times = { timeoutMs: 5_000, settleMs: 5_000 };
  const charges = createCharges({ provider, ledger, http: createHttp(), failpoint: () => undefined, ...times });
  return createCallSweep(callsOf(ledger), charges.settleLate, afterMs);
}

/** A sweep that tells only of one charge: other tests leave their own. */
const sweepOf = (key: string, options?: SweepOptions) => {
  const sweep = aSweep(options);
  return async () => (await sweep()).filter((swept) => swept.key === key);
};

describe('the sweep', () => {
  test('gives back what landed after the refund had found nothing, once, however many sweep', async () => {
    const { order, undo } = aCharge('tok_slow_1800');
    const participants = bench.participants({ payment: { timeoutMs: 100, settleMs: 0 } });
    expect((await failureOf(participants['payment.charge'](order))).type).toBe('ProviderUnavailable');
    expect(await untilDone(() => participants['payment.refund'](undo))).toEqual({ refunded: 0 });

    const observer = vi.fn<(labels: Readonly<Record<string, string>>) => void>();
    const sweepers = [1, 2, 3, 4].map(() => {
      const sweep = aSweep({ afterMs: Array(100).fill(100) });
      return startBackground(sweeper(sweep, { logger: silent, counter: () => observer }, 20), silent);
    });
    await vi.waitFor(async () => expect((await totalsOf(order.orderId)).captured).toBe(1999), { timeout: 5_000 });
    await vi.waitFor(async () => expect((await storedOf(order.key)).state).toBe('refunded'), { timeout: 5_000 });
    await Promise.all(sweepers.map((sweeper) => sweeper.close()));
    expect(await totalsOf(order.orderId)).toEqual({ captured: 1999, refunded: 1999, balance: 0 });
    expect((await bench.emitted(order.orderId)).map(({ type }) => type)).toEqual([
      'payment.completed',
      'payment.refunded',
    ]);
    expect(observer.mock.calls.filter(([{ outcome }]) => outcome === 'returned')).toHaveLength(1);
    expect(observer).toHaveBeenCalledWith({ outcome: 'nothing' });
  });

  test('gives back what an attempt had found and not given back, and names its workflow', async () => {
    const { order, undo } = aCharge('tok_ok');
    const { 'payment.charge': charge } = bench.participants();
    const sweep = sweepOf(order.key);
    // Another key makes the charge at the provider, so that our ledger can be told of it in its own time.
    const { paymentId } = await charge({ ...order, key: `${order.key}-other` });
    const intent = await ledger().openIntent({ ...order, subject: orderSubject(order), attemptMs: 60_000 });
    await ledger().markUndone({ key: undo.actionKey, subject: orderSubject(order) });
    const held = { ...intent, amount: order.amount, currency: order.currency };
    expect(await ledger().recordCharge(held, paymentId, { orSweep: true })).toMatchObject({ undone: true });
    expect(await sweep()).toEqual([]);
    await applicationTables(bench.database).payment.update({
      where: { key: order.key },
      data: { sweepAt: new Date() },
    });
    await vi.waitFor(async () =>
      expect(await sweep()).toMatchObject([
        { key: order.key, outcome: 'returned', returned: { payment: { amount: 1999 } } },
      ]),
    );
    expect(await totalsOf(order.orderId)).toEqual({ captured: 1999, refunded: 1999, balance: 0 });
    expect((await bench.emitted(order.orderId)).at(-1)).toMatchObject({
      type: 'payment.refunded',
      workflowId: 'orderSaga:w-1',
    });
  });

  test('asks a bounded number of times, and not before the attempts’ time is over', async () => {
    const { order, undo } = aCharge('tok_ok');
    const sweep = sweepOf(order.key, { afterMs: [1, 1] });
    await ledger().openIntent({ ...order, subject: orderSubject(order), attemptMs: 700 });
    await ledger().markUndone({ key: undo.actionKey, subject: orderSubject(order) });
    expect(await sweep()).toEqual([]);
    const outcomes: string[] = [];
    await vi.waitFor(async () => {
      outcomes.push(...(await sweep()).map(({ outcome }) => outcome));
      expect((await storedOf(order.key)).settledAt).not.toBeNull();
    }, 5_000);
    expect(outcomes).toEqual(['nothing', 'nothing', 'settled']);
    expect(await sweep()).toEqual([]);
  });

  test('asks again when the provider does not answer, and leaves alone what is the saga’s own refund', async () => {
    const { order, undo } = aCharge('tok_refund_refused');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    await charge(order);
    expect((await failureOf(refund(undo))).type).toBe('RefundRefused');

    const lost = aCharge('tok_ok');
    await ledger().openIntent({ ...lost.order, subject: orderSubject(lost.order), attemptMs: 1 });
    await ledger().markUndone({ key: lost.undo.actionKey, subject: orderSubject(lost.order) });
    const sweep = sweepOf(lost.order.key, { url: 'http://127.0.0.1:9' });
    await vi.waitFor(async () => expect(await sweep()).toMatchObject([{ key: lost.order.key, outcome: 'failed' }]));
    expect(await sweep()).toEqual([]);
    expect((await storedOf(order.key)).sweepAt).toBeNull();
    expect(await storedOf(lost.order.key)).toMatchObject({ sweeps: 0, settledAt: null });
  });

  test('leaves tombstones alone: under them no charge was ever asked for', async () => {
    const { order, undo } = aCharge('tok_ok');
    await bench.participants()['payment.refund'](undo);
    expect((await storedOf(order.key)).amount).toBeNull();
    expect(await sweepOf(order.key)()).toEqual([]);
  });
});

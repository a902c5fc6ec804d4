import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { createPaymentLedger } from '../../../activities/payment/ledger.ts';
import { failureOf, fresh, openWorkbench, untilDone, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

function aCharge(token: string) {
  const orderId = fresh('o');
  const key = `orderSaga:${orderId}:payment`;
  return {
    order: { orderId, amount: 1999, currency: 'EUR', token, key },
    undo: { orderId, actionKey: key, key: `${key}:compensation` },
  };
}

const intended = <O extends { orderId: string }>(order: O) => ({
  ...order,
  subject: { kind: 'order', id: order.orderId },
});
const typesOf = (events: readonly { type: string }[]) => events.map(({ type }) => type);

describe('charge', () => {
  test('takes the money once, whatever the number of attempts', async () => {
    const { order } = aCharge('tok_ok');
    const { 'payment.charge': charge } = bench.participants();
    const answers = [];
    for (let attempt = 0; attempt < 5; attempt++) answers.push(await charge(order));
    expect(new Set(answers.map(({ paymentId }) => paymentId)).size).toBe(1);
    expect(answers[0]?.amount).toBe(1999);
    expect((await bench.sandbox.ledger(order.orderId)).entries).toHaveLength(1);
    expect(await bench.emitted(order.orderId)).toMatchObject([
      {
        type: 'payment.completed',
        payload: { orderId: order.orderId, amount: 1999, currency: 'EUR', paymentId: answers[0]?.paymentId },
      },
    ]);
  });

  test('takes the money once when attempts overlap', async () => {
    const { order } = aCharge('tok_slow_100');
    const { 'payment.charge': charge } = bench.participants();
    // The provider turns away who comes while it is at the first: they ask again.
    const answers = await Promise.all([1, 2, 3].map(() => untilDone(() => charge(order))));
    expect(new Set(answers.map(({ paymentId }) => paymentId)).size).toBe(1);
    expect((await bench.sandbox.ledger(order.orderId)).totals.captured).toBe(1999);
    expect(typesOf(await bench.emitted(order.orderId))).toEqual(['payment.completed']);
  });

  test('asks by key when the reply was lost', async () => {
    const { order } = aCharge('tok_lost_reply');
    const { 'payment.charge': charge } = bench.participants();
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ProviderUnavailable', final: false });
    const { paymentId } = await charge(order);
    const { entries } = await bench.sandbox.ledger(order.orderId);
    expect(entries.map(({ chargeId }) => chargeId)).toEqual([paymentId]);
  });

  test('is bounded when the provider hangs, and then learns by asking that the charge was made', async () => {
    // This token never answers a charge: only the look-up can succeed.
    const { order } = aCharge('tok_timeout');
    const { 'payment.charge': charge } = bench.participants({ payment: { timeoutMs: 200 } });
    const begun = performance.now();
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ProviderUnavailable', final: false });
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await charge(order)).toMatchObject({ amount: 1999 });
    expect((await bench.sandbox.ledger(order.orderId)).totals).toEqual({ captured: 1999, refunded: 0, balance: 1999 });
  });

  test('is retryable while the provider has a bad time', async () => {
    const { order } = aCharge('tok_flaky');
    const { 'payment.charge': charge } = bench.participants();
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ProviderUnavailable', final: false });
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ProviderUnavailable', final: false });
    await charge(order);
    expect((await bench.sandbox.ledger(order.orderId)).entries).toHaveLength(1);
  });

  test('a decline is final, stored, told once, and asked for no second time', async () => {
    const { order } = aCharge('tok_insufficient_funds');
    const { 'payment.charge': charge } = bench.participants();
    expect(await failureOf(charge(order))).toMatchObject({ type: 'PaymentDeclined', final: true });
    // A provider that cannot be reached shows that the second answer comes from our own ledger.
    const { 'payment.charge': unreachable } = bench.participants({ payment: { url: 'http://127.0.0.1:9' } });
    const again = await failureOf(unreachable(order));
    expect(again).toMatchObject({ type: 'PaymentDeclined', final: true });
    expect(again.message).toContain('insufficient_funds');
    expect(await bench.emitted(order.orderId)).toMatchObject([
      { type: 'payment.declined', payload: { reason: 'insufficient_funds', amount: 1999 } },
    ]);
  });

  test('a request that the provider rejects is final, and its refund need not wait', async () => {
    const { order, undo } = aCharge('tok_unknown_token');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    expect(await failureOf(charge(order))).toMatchObject({ type: 'PaymentRejected', final: true });
    expect(await refund(undo)).toEqual({ refunded: 0 });
  });

  test('refuses a key that stands for another amount, and leaves the first charge alone', async () => {
    const { order } = aCharge('tok_ok');
    const { 'payment.charge': charge } = bench.participants();
    const first = await charge(order);
    expect(await failureOf(charge({ ...order, amount: 1 }))).toMatchObject({ type: 'KeyReused', final: true });
    expect(await failureOf(charge({ ...order, orderId: fresh('o') }))).toMatchObject({
      type: 'KeyReused',
      final: true,
    });
    expect(await charge(order)).toEqual(first);
  });

  test('carries on the traceparent of its saga, and names its workflow', async () => {
    const { order } = aCharge('tok_ok');
    const workflowId = `orderSaga:${order.orderId}`;
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sagaRef = { workflowId, sagaName: 'orderSaga', sagaId: order.orderId, traceparent };
    const participants = bench.participants();
    await participants['outcome.reportParked']({
      saga: sagaRef,
      parked: [],
      journey: { state: 'running', steps: [], parked: [] },
    });
    const ledger = createPaymentLedger(bench.database, () => workflowId);
    const intent = await ledger.openIntent({ ...intended(order), attemptMs: 1_000 });
    await ledger.recordCharge({ ...intent, amount: order.amount, currency: order.currency }, 'ch_test', {
      orSweep: false,
    });
    expect(await bench.emitted(order.orderId)).toMatchObject([{ type: 'payment.completed', workflowId, traceparent }]);
  });
});

describe('refund', () => {
  test('gives the money back once, and tells it once', async () => {
    const { order, undo } = aCharge('tok_ok');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    const { paymentId } = await charge(order);
    const refunds = await Promise.all([1, 2].map(() => untilDone(() => refund(undo))));
    expect(refunds).toEqual([{ refunded: 1999 }, { refunded: 1999 }]);
    expect(await refund(undo)).toEqual({ refunded: 1999 });
    expect((await bench.sandbox.ledger(order.orderId)).totals).toEqual({ captured: 1999, refunded: 1999, balance: 0 });
    const events = await bench.emitted(order.orderId);
    expect(typesOf(events)).toEqual(['payment.completed', 'payment.refunded']);
    expect(events[1]?.payload).toMatchObject({ amount: 1999, paymentId });
  });

  test('before the charge leaves a tombstone: the late charge takes no money', async () => {
    const { order, undo } = aCharge('tok_ok');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    expect(await refund(undo)).toEqual({ refunded: 0 });
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ChargeUndone', final: true });
    expect((await bench.sandbox.ledger(order.orderId)).entries).toEqual([]);
    expect(await bench.emitted(order.orderId)).toEqual([]);
  });

  test('during the charge: the charge takes its own money back when it lands', async () => {
    const { order, undo } = aCharge('tok_slow_2000');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    const charging = failureOf(charge(order));
    const { payment } = applicationTables(bench.database);
    await vi.waitFor(() => payment.findUniqueOrThrow({ where: { key: order.key } }), 2_000);
    const early = await failureOf(refund(undo));
    expect(early).toMatchObject({ type: 'ChargeStillOpen', final: false });
    expect(early.retryAfterMs).toBeGreaterThan(0);
    expect(await charging).toMatchObject({ type: 'ChargeUndone', final: true });
    expect((await bench.sandbox.ledger(order.orderId)).totals).toEqual({ captured: 1999, refunded: 1999, balance: 0 });
    expect(await refund(undo)).toEqual({ refunded: 1999 });
    expect(typesOf(await bench.emitted(order.orderId))).toEqual(['payment.completed', 'payment.refunded']);
  });

  test('asks again about an attempt that nobody heard of, until its time is over, and finds its charge', async () => {
    const { order, undo } = aCharge('tok_slow_1500');
    const short = { payment: { timeoutMs: 300, settleMs: 4_000 } };
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants(short);
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ProviderUnavailable' });
    const early = await failureOf(refund(undo));
    expect(early.type).toBe('ChargeStillOpen');
    expect(early.retryAfterMs).toBeGreaterThan(0);
    expect(await untilDone(() => refund(undo))).toEqual({ refunded: 1999 });
    expect((await bench.sandbox.ledger(order.orderId)).totals.balance).toBe(0);
  });

  test('of an intent whose attempt died before the provider heard of it has nothing to undo, once its time is over', async () => {
    const { order, undo } = aCharge('tok_ok');
    await createPaymentLedger(bench.database, () => undefined).openIntent({ ...intended(order), attemptMs: 1_500 });
    const { 'payment.refund': refund } = bench.participants();
    expect(await failureOf(refund(undo))).toMatchObject({ type: 'ChargeStillOpen' });
    expect(await untilDone(() => refund(undo))).toEqual({ refunded: 0 });
    expect((await bench.sandbox.ledger(order.orderId)).entries).toEqual([]);
  });

  test('that believed in nothing to undo is put right by the next attempt, should the provider have charged even later', async () => {
    const { order, undo } = aCharge('tok_ok');
    await createPaymentLedger(bench.database, () => undefined).openIntent({ ...intended(order), attemptMs: 1 });
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    expect(await untilDone(() => refund(undo))).toEqual({ refunded: 0 });
    const { orderId, amount, currency, token, key } = order;
    await fetch(`${bench.sandbox.paymentUrl}/v1/charges`, {
      method: 'POST',
      headers: { 'idempotency-key': key },
      body: JSON.stringify({ amount, currency, token, metadata: { orderId } }),
    });
    expect((await bench.sandbox.ledger(orderId)).totals.balance).toBe(1999);
    expect(await failureOf(charge(order))).toMatchObject({ type: 'ChargeUndone' });
    expect((await bench.sandbox.ledger(orderId)).totals).toEqual({ captured: 1999, refunded: 1999, balance: 0 });
  });

  test('of a declined charge has nothing to undo', async () => {
    const { order, undo } = aCharge('tok_declined');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    expect((await failureOf(charge(order))).type).toBe('PaymentDeclined');
    expect(await refund(undo)).toEqual({ refunded: 0 });
  });

  test('that stays refused is final, and succeeds for the operator who asks again', async () => {
    const { order, undo } = aCharge('tok_refund_refused');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    await charge(order);
    const refusal = await failureOf(refund(undo));
    expect(refusal).toMatchObject({ type: 'RefundRefused', final: true });
    expect(refusal.message).toContain('refund_refused_by_issuer');
    expect((await bench.sandbox.ledger(order.orderId)).totals.balance).toBe(1999);
    await bench.sandbox.allowRefunds(order.orderId);
    expect(await refund(undo)).toEqual({ refunded: 1999 });
    expect((await bench.sandbox.ledger(order.orderId)).totals.balance).toBe(0);
  });

  test('that fails at the provider is retryable', async () => {
    const { order, undo } = aCharge('tok_refund_500');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    await charge(order);
    expect(await failureOf(refund(undo))).toMatchObject({ type: 'ProviderUnavailable', final: false });
  });

  test('whose reply was lost is made once', async () => {
    const { order, undo } = aCharge('tok_refund_lost_reply');
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    await charge(order);
    expect((await failureOf(refund(undo))).type).toBe('ProviderUnavailable');
    expect(await refund(undo)).toEqual({ refunded: 1999 });
    expect((await bench.sandbox.ledger(order.orderId)).totals).toEqual({ captured: 1999, refunded: 1999, balance: 0 });
  });
});

test('however attempts and undoing interleave, once undone the provider holds nothing, and the events add up', async () => {
  const tokens = [
    'tok_ok',
    'tok_lost_reply',
    'tok_timeout_once',
    'tok_slow_150',
    'tok_slow_400',
    'tok_flaky',
    'tok_refund_lost_reply',
  ];
  const delays = fc.integer({ min: 0, max: 400 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...tokens),
      fc.array(delays, { minLength: 1, maxLength: 3 }),
      delays,
      async (token, starts, undoAt) => {
        const { order, undo } = aCharge(token);
        const participants = bench.participants({ payment: { timeoutMs: 300, settleMs: 2_000 } });
        const attempts = starts.map(async (start) => {
          await delay(start);
          await participants['payment.charge'](order).catch(() => undefined);
        });
        await delay(undoAt);
        await untilDone(() => participants['payment.refund'](undo));
        await Promise.all(attempts);
        const { totals, entries } = await bench.sandbox.ledger(order.orderId);
        expect(totals.balance).toBe(0);
        expect(entries.filter(({ type }) => type === 'captured').length).toBeLessThanOrEqual(1);
        const types = typesOf(await bench.emitted(order.orderId));
        expect(types).toEqual(entries.length === 0 ? [] : ['payment.completed', 'payment.refunded']);
      },
    ),
    { numRuns: 15 },
  );
}, 120_000);

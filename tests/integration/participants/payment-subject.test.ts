import { applicationTables } from '../../../prisma/application.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

function aCharge(token: string) {
  const orderId = fresh('o');
  return { order: { orderId, amount: 1999, currency: 'EUR', token, key: `orderSaga:${orderId}/payment` } };
}

describe('a payment for what is no order', () => {
  test('says in its events what it is for, and an order’s says so, too', async () => {
    const id = fresh('trip');
    const key = `tripSaga:${id}/payment`;
    const subject = { kind: 'trip', id };
    const { 'payment.charge': charge, 'payment.refund': refund } = bench.participants();
    await charge({ subject, amount: 5, currency: 'EUR', token: 'tok_ok', key });
    await refund({ subject, actionKey: key, key: `${key}/undo` });
    const { order } = aCharge('tok_ok');
    await charge(order);
    const events = [...(await bench.emitted(id)), ...(await bench.emitted(order.orderId))];
    expect(events.map(({ type, payload }) => [type, (payload as { subject?: unknown }).subject])).toEqual([
      ['payment.completed', subject],
      ['payment.refunded', subject],
      ['payment.completed', { kind: 'order', id: order.orderId }],
    ]);
  });

  test('that no event could tell of is refused before money moves', async () => {
    const { order } = aCharge('tok_ok');
    const { 'payment.charge': charge } = bench.participants();
    for (const wrong of [{ amount: 0 }, { amount: 1.5 }, { currency: 'eur' }, { orderId: 'a b' }]) {
      const refusal = await failureOf(charge({ ...order, ...wrong }));
      expect(refusal).toMatchObject({ type: 'PaymentRejected', final: true });
    }
    expect(await applicationTables(bench.database).payment.count({ where: { key: order.key } })).toBe(0);
  });
});

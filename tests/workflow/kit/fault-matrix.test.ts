/** The matrix of a saga's faults, made of the saga: of another application's, and of ours with every kind of step. */
import { describe, expect, test } from 'vitest';
import { NoWayToCompletion, sagaTests } from '../../../packages/sagaline/testing.ts';
import { orderSaga } from '../../../workflows/order.saga.ts';
import { faultMatrix } from '../../support/given.ts';
import { aNewOrder } from '../../support/orders.ts';
import { giftCardSaga } from '../../support/second-app/sagas/gift-card.saga.ts';
import { decliningSaga, pausingSaga } from '../sagas/forms.saga.ts';
import { shipmentSaga } from '../sagas/shipment.saga.ts';

const second = sagaTests(new URL('../../support/second-app/sagas/', import.meta.url));

const giftCards = await second.faultMatrix(giftCardSaga, {
  started: { cardId: 'g', amount: 500, currency: 'EUR' },
  given: (set) => set.where('giftCard.activate', (it) => it.succeeds({ code: 'A-1' })),
});
const orders = await faultMatrix(orderSaga, { started: () => aNewOrder() });
const shipments = await faultMatrix(shipmentSaga, { started: aNewOrder() });

test('has a case for each step and fault', () => {
  expect(giftCards.map(({ name }) => name)).toEqual([
    'activation fails for good',
    'activation loses its worker',
    'activation is out of its time',
    'activation is met by a cancel',
  ]);
  expect(orders).toHaveLength(3 * 4 - 1);
  expect(new Set(shipments.map(({ step }) => step))).toEqual(new Set(['reserve', 'capture', 'ship', 'survey']));
});

const pausings = await faultMatrix(pausingSaga, { started: aNewOrder() });

for (const [saga, cases] of Object.entries({ giftCards, orders, shipments, pausings })) {
  describe.concurrent(saga, () => {
    for (const { name, run } of cases) test(name, run);
  });
}

test('is none of a saga that does not complete without a fault', async () => {
  await expect(faultMatrix(decliningSaga, { started: aNewOrder() })).rejects.toThrow(NoWayToCompletion);
});

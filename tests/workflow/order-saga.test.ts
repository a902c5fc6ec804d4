import { describe, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { orderSaga } from '../../workflows/order.saga.ts';

describe.concurrent('orderSaga', () => {
  test('completes, and says so once', () =>
    given(orderSaga)
      .started(aNewOrder({ orderId: 'o-1', amount: 1999 }))
      .expectSteps('payment', 'notification', 'analytics')
      .expectOutcome('order.completed', { orderId: 'o-1' })
      .expectNoCompensations());

  test('a refused notification undoes what was done, last first', () =>
    given(orderSaga)
      .where('notification', (it) => it.failsForGood('RecipientRefused'))
      .started(aNewOrder())
      .expectCompensations('analytics', 'notification', 'payment')
      .expectOutcome('order.rejected', { reason: 'RecipientRefused', step: 'notification' }));

  test('a refund that stays refused parks the saga, and the operator’s retry ends it', () =>
    given(orderSaga)
      .where('notification', (it) => it.failsForGood('RecipientRefused'))
      .where('payment.compensation', (it) => it.isRefusedTimes(1))
      .started(aNewOrder())
      .expectParked('payment')
      .then((saga) => saga.operator().retries('payment'))
      .expectOutcome('order.rejected', { reason: 'RecipientRefused' }));
});

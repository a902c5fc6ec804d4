import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { orderSaga } from '../../workflows/order.saga.ts';

/** What is undone when a step does not succeed: everything that was begun, that step included, last first. */
const undone = {
  payment: ['payment'],
  notification: ['analytics', 'notification', 'payment'],
  analytics: ['analytics', 'notification', 'payment'],
} as const;
const STEPS = Object.keys(undone) as (keyof typeof undone)[];
const REMOTE = ['payment', 'notification'] as const;

describe.concurrent('orderSaga, step by step', () => {
  for (const step of STEPS) {
    test(`${step} refuses for good: no second attempt, everything undone, rejected with its reason (kernel rules 1 and 5)`, () =>
      given(orderSaga)
        .where(step, (it) => it.failsForGood('Refused'))
        .started(aNewOrder())
        .expectOutcome('order.rejected', { reason: 'Refused', step, compensated: undone[step], skipped: [] })
        .expectCompensations(...undone[step])
        .expectAttempts({ [step]: 1 }));

    test(`${step} fails three times and then succeeds: the saga completes (kernel rule 5)`, () =>
      given(orderSaga)
        .where(step, (it) => it.failsTimes(3))
        .started(aNewOrder())
        .expectOutcome('order.completed')
        .expectNoCompensations()
        .expectAttempts({ [step]: 4 }));
  }

  for (const step of REMOTE) {
    test(`${step} is out of its time: rolled back, for it may have happened (kernel rules 1 and 5)`, () =>
      given(orderSaga)
        .on('time-skipping')
        .where(step, (it) => it.neverSucceeds())
        .started(aNewOrder())
        .expectOutcome('order.rejected', { reason: 'StepTimedOut', step })
        .expectCompensations(...undone[step])
        .then((saga) => expect(saga.attemptsAt(step)).toBeGreaterThan(10)));

    for (const end of ['succeeds', 'fails', 'stops'] as const) {
      test(`cancelled while ${step} runs, whose attempt then ${end}: not tried again, undone, cancelled (kernel rule 9)`, () =>
        given(orderSaga)
          .where(step, (it, saga) => it.isCancelled(() => saga.isAskedToCancel(), end))
          .started(aNewOrder())
          .expectOutcome('order.cancelled', { reason: 'ChangedMind' })
          .expectCompensations(...undone[step])
          .expectAttempts({ [step]: 1 }));
    }
  }

  test('the outcome carries nothing but what its schema has', () =>
    given(orderSaga)
      .started(aNewOrder({ orderId: 'o-exact', amount: 1999 }))
      .expectOutcome('order.completed')
      .then((saga) =>
        expect(saga.row.outbox[0]?.payload).toEqual({
          orderId: 'o-exact',
          paymentId: 'pay-1',
          amount: 1999,
          currency: 'EUR',
        }),
      ));
});

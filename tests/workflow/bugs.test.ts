import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { brokenSaga, type BugName } from './sagas/broken.saga.ts';
import { orderSaga } from '../../workflows/order.saga.ts';

const broken = (bug: BugName) => given(brokenSaga).startedUnchecked(aNewOrder({ customerId: bug }));

const bugs: Partial<Record<BugName, RegExp>> = {
  'in the code between steps': /undefined \(reading 'field'\)/,
  'an error that quotes half a character': /cannot read \uFFFD/,
  'in an action': /undefined \(reading 'field'\)/,
  'in an action whose author catches everything': /undefined \(reading 'field'\)/,
  'in an optional action': /undefined \(reading 'field'\)/,
  'in a step that nobody awaits': /undefined \(reading 'field'\)/,
  'two steps of one name': /step payment exists already/,
  'two steps of one name, caught': /step payment exists already/,
  'a pivot beside another step': /step pivot: a pivot runs alone/,
  'a step beside a pivot': /step payment: a pivot runs alone/,
  'a step that can be undone after the pivot': /the pivot is past/,
  'a second pivot': /the pivot is past/,
  'a retriable step without a pivot': /there was no pivot/,
  'a pivot at a local participant': /a pivot must be remote/,
  'a failure thrown by the saga itself': /not mine to throw/,
  'a step name that is no name': /letters, digits, hyphens/,
};

describe.concurrent('kernel rule 5: a bug fails the workflow task, for a deploy to mend, and refunds nobody', () => {
  for (const [bug, message] of Object.entries(bugs)) {
    test(bug, () =>
      broken(bug as BugName)
        .expectStillRunning(message)
        .expectNoCompensations()
        .then((saga) => saga.handle.terminate('seen')),
    );
  }

  test('an order that its schema should have stopped', () =>
    given(orderSaga)
      .startedUnchecked({ ...aNewOrder(), paymentMethod: null })
      .expectStillRunning(/null \(reading 'token'\)/)
      .expectNoCompensations()
      .then((saga) => saga.handle.terminate('seen')));

  test('in a compensation: the rollback stands where it is, the later ones are done, the earlier ones wait', () =>
    given(brokenSaga)
      .where('last', (it) => it.failsForGood('Refused'))
      .startedUnchecked(aNewOrder({ customerId: 'in a compensation' }))
      .then(async (saga) => {
        await saga.failedTasks();
        expect(saga.asked('compensations')).toEqual(['last']);
        expect(saga.row).toMatchObject({ state: 'rollingBack', outbox: [] });
        expect((await saga.handle.describe()).status.name).toBe('RUNNING');
        await saga.handle.terminate('seen');
      }));
});

describe.concurrent('kernel rule 5: what a participant says', () => {
  test('for good, turns the saga around at once', () =>
    given(orderSaga)
      .where('payment', (it) => it.failsForGood('PaymentDeclined'))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'PaymentDeclined' })
      .expectAttempts({ payment: 1 }));

  test('by accident, a TypeError for example, is tried again', () =>
    given(orderSaga)
      .where(
        'payment',
        (it) => (attempt) => (attempt.call === 1 ? it.throws(new TypeError('oops'))(attempt) : undefined),
      )
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectAttempts({ payment: 2 }));

  test('for good, with a name that no outcome takes, still ends the saga', () =>
    given(orderSaga)
      .where('payment', (it) => it.failsForGood('X'.repeat(500)))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'X'.repeat(200) }));

  test('for good, with a name that no database takes, still ends the saga', () =>
    given(orderSaga)
      .where('payment', (it) => it.failsForGood('No\u0000pe\ud83d'))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'No\uFFFDpe\uFFFD' }));

  test('in a text that no database takes, does not hold up the outcome that tells it', () =>
    given(orderSaga)
      .where('payment', (it) => it.succeeds({ paymentId: 'pay\u0000-\ud83d', amount: 1999 }))
      .started(aNewOrder())
      .expectOutcome('order.completed', { paymentId: 'pay\uFFFD-\uFFFD' }));
});

import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import {
  branchingSaga,
  floatingSaga,
  generousSaga,
  localSaga,
  parallelSaga,
  swallowingSaga,
  togetherSaga,
} from './sagas/forms.saga.ts';
import { orderSaga } from '../../workflows/order.saga.ts';

describe.concurrent('kernel rule 10: steps side by side', () => {
  test('all run before the saga completes', () =>
    given(togetherSaga).started(aNewOrder()).expectSteps('left', 'middle', 'right').expectOutcome('order.completed'));

  const forms = { 'the author’s own Promise.all': togetherSaga, 'saga.parallel': parallelSaga };
  for (const [form, saga] of Object.entries(forms)) {
    test(`one fails: the others’ attempts end before anything is undone, under ${form}`, () =>
      given(saga)
        .where('left', (it) => it.failsForGood('Refused'))
        .where('middle', (it) => it.endsWhenCancelled())
        .started(aNewOrder())
        .expectOutcome('order.rejected', { reason: 'Refused', step: 'left', compensated: ['right', 'middle', 'left'] })
        .expectInOrder('left ends', 'middle ends', 'outcome.beginRollback', 'right.compensation begins'));
  }

  test('two fail: one reason, the first', () =>
    given(togetherSaga)
      .where('middle', (it) => it.failsForGood('SecondReason'))
      .where('right', (it) => it.failsForGood('FirstReason'))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'FirstReason', step: 'right' }));

  test('none is opened any more once the saga has turned around', () =>
    given(branchingSaga)
      .where('beside', (it) => it.failsForGood('Refused'))
      .where('first', (it) => it.endsWhenCancelled())
      .started(aNewOrder())
      .expectSteps('first', 'beside')
      .expectOutcome('order.rejected', { reason: 'Refused', compensated: ['beside', 'first'] })
      .expectAttempts({ second: 0 }));

  test('one that nobody awaits belongs to the saga all the same', () =>
    given(floatingSaga)
      .where('floating', (it) => it.failsTimes(2))
      .started(aNewOrder())
      .expectSteps('floating')
      .expectOutcome('order.completed')
      .expectAttempts({ floating: 3 }));

  test('one that nobody awaits turns the saga around when it fails', () =>
    given(floatingSaga)
      .where('floating', (it) => it.failsForGood('Refused'))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'Refused', step: 'floating', compensated: ['floating'] }));
});

describe.concurrent('kernel rule 4: an author’s try/catch', () => {
  test('cannot hide a failed step', () =>
    given(swallowingSaga)
      .where('payment', (it) => it.failsForGood('PaymentDeclined'))
      .started(aNewOrder())
      .expectSteps('payment')
      .expectOutcome('order.rejected', { reason: 'PaymentDeclined', compensated: ['payment'] }));

  test('is not needed where saga.optional says that the saga can do without', () =>
    given(generousSaga)
      .where('note', (it) => it.failsForGood('RecipientRefused'))
      .started(aNewOrder())
      .expectSteps('gift', 'note', 'payment')
      .expectOutcome('order.completed')
      .then((saga) =>
        expect(saga.row.journey?.steps[1]).toMatchObject({ state: 'failed', failure: 'RecipientRefused' }),
      ));

  test('an optional step with an undo is undone when the saga turns around; one without is not', () =>
    given(generousSaga)
      .where('payment', (it) => it.failsForGood('PaymentDeclined'))
      .started(aNewOrder())
      .expectCompensations('payment', 'gift')
      .expectOutcome('order.rejected'));
});

describe.concurrent('a local step', () => {
  test('out of its time turns the saga around (kernel rule 5)', () =>
    given(localSaga)
      .where('local', (it) => it.neverSucceeds())
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'StepTimedOut', step: 'local', compensated: ['local', 'remote'] }));

  test('that is being retried is stopped by a cancel (kernel rule 9)', () =>
    given(orderSaga)
      .where('analytics', (it, saga) => it.meanwhile(() => saga.isAskedToCancel(), it.neverSucceeds()))
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { reason: 'ChangedMind' })
      .expectCompensations('analytics', 'notification', 'payment'));
});

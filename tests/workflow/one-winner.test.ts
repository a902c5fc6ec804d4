import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { orderSaga } from '../../workflows/order.saga.ts';
import { localSaga } from './sagas/forms.saga.ts';

describe.concurrent('kernel rule 3: the saga obeys the stored winner', () => {
  test('who completed, although the saga meant to turn around: nothing is undone', () =>
    given(orderSaga)
      .whereTheRowSays({ state: 'completed' })
      .where('notification', (it) => it.failsForGood('RecipientRefused'))
      .started(aNewOrder())
      .expectNoOutcomeOfItsOwn()
      .then(async (saga) => {
        expect(await saga.result()).toEqual({ state: 'completed' });
        expect(saga.asked('compensations')).toEqual([]);
      }));

  test('who completed, although a cancel came: it is told so', () =>
    given(orderSaga)
      .whereTheRowSays({ state: 'completed' })
      .with({ followUps: [{ type: 'order.cancel-requested', eventId: 'cancel-1', data: {} }] })
      .started(aNewOrder({ orderId: 'won-1' }))
      .expectCancelRefused('cancel-1', {
        type: 'order.cancel-refused',
        payload: { orderId: 'won-1', reason: 'TooLate', state: 'completed' },
      })
      .then((saga) => expect(saga.asked('compensations')).toEqual([])));

  test('who rolls back, although the saga meant to complete: with the stored cause', () =>
    given(orderSaga)
      .whereTheRowSays({ state: 'rollingBack', cause: { kind: 'cancel', reason: 'Fraud', requestId: 'r' } })
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { reason: 'Fraud' })
      .expectCompensations('analytics', 'notification', 'payment'));

  test('who rolls back for another reason than the saga has', () =>
    given(orderSaga)
      .whereTheRowSays({ state: 'rollingBack', cause: { kind: 'deadline', reason: 'DeadlineExceeded' } })
      .where('payment', (it) => it.failsForGood('PaymentDeclined'))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'DeadlineExceeded' }));

  for (const state of ['rejected', 'cancelled', 'failed'] as const) {
    test(`who ${state} it already: undone once more, which is harmless, and nothing said again`, () =>
      given(orderSaga)
        .whereTheRowSays({ state })
        .started(aNewOrder())
        .expectCompensations('analytics', 'notification', 'payment')
        .expectNoOutcomeOfItsOwn()
        .then(async (saga) => expect(await saga.result()).toMatchObject({ state })));
  }

  test('claims the rollback before the first undo', () =>
    given(orderSaga)
      .where('analytics', (it) => it.failsForGood('Refused'))
      .started(aNewOrder())
      .expectOutcome('order.rejected')
      .expectInOrder(
        'outcome.beginRollback',
        'analytics.compensation begins',
        'payment.compensation ends',
        'outcome.finishRollback',
      ));
});

describe.concurrent(
  'kernel rule 3, its reason: a signal during a local activity makes the server discard what was done',
  () => {
    test('a cancel while completion is claimed: the history forgets the claim, the row does not', () =>
      given(orderSaga)
        .where('outcome.complete', (it, saga) => it.meanwhile(() => saga.isAskedToCancel()))
        .started(aNewOrder({ orderId: 'won-2' }))
        .expectOutcome('order.completed')
        .expectNoRefund()
        .expectCancelRefused('cancel-1', {
          type: 'order.cancel-refused',
          payload: { orderId: 'won-2', reason: 'TooLate', state: 'completed' },
        })
        .then(async (saga) => {
          const discarded = (await saga.history()).filter((event) => event.workflowTaskFailedEventAttributes);
          expect(discarded.map((event) => event.workflowTaskFailedEventAttributes?.cause)).toEqual([UNHANDLED_COMMAND]);
          // Claimed once by the run that was forgotten, and asked for once more on the way back.
          expect(saga.farEnd.outcomeCalls).toEqual(['complete', 'beginRollback', 'refuseCancel']);
        }));

    test('a cancel while a local step runs: the step is done, completion is claimed, and holds', () =>
      given(localSaga)
        .where('local', (it, saga) => it.meanwhile(() => saga.isAskedToCancel()))
        .started(aNewOrder())
        .expectOutcome('order.completed')
        .expectNoRefund());

    test('a cancel while the rollback ends: one outcome', () =>
      given(orderSaga)
        .where('payment', (it) => it.failsForGood('PaymentDeclined'))
        .where('outcome.finishRollback', (it, saga) => it.meanwhile(() => saga.isAskedToCancel()))
        .started(aNewOrder())
        .expectOutcome('order.rejected', { reason: 'PaymentDeclined' }));
  },
);

describe.concurrent('kernel rule 8: an outage of the database is no refund', () => {
  test('while completion is claimed: asked until it answers', () =>
    given(orderSaga)
      .on('time-skipping')
      .where('outcome.complete.before', (it) => it.failsTimes(40))
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectNoCompensations()
      .then((saga) => expect(saga.farEnd.outcomeCalls.filter((call) => call === 'complete')).toHaveLength(41)));

  test('longer than the saga’s deadline: asked until it answers', () =>
    given(orderSaga)
      .on('time-skipping')
      .with({ settings: { deadline: '20 seconds' } })
      .where('outcome.complete.before', (it) => it.failsTimes(15))
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectNoCompensations());

  test('after the claim went through and the reply was lost: one outcome', () =>
    given(orderSaga)
      .where('outcome.complete', (it) => it.failsTimes(3))
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectNoCompensations());

  test('while a rollback is claimed, and while it ends: one outcome', () =>
    given(orderSaga)
      .where('analytics', (it) => it.failsForGood('Refused'))
      .where('outcome.beginRollback', (it) => it.failsTimes(3))
      .where('outcome.finishRollback', (it) => it.failsTimes(3))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'Refused' })
      .expectAttempts({ 'payment.compensation': 1 }));

  test('while a parked step is reported: the operator’s word waits for nothing', () =>
    given(orderSaga)
      .where('analytics', (it) => it.failsForGood('Refused'))
      .where('payment.compensation', (it) => it.isRefusedTimes(1))
      .where('outcome.reportParked', (it) => it.failsTimes(4))
      .started(aNewOrder())
      .expectParked('payment')
      .then((saga) => saga.operator().retries('payment'))
      .expectOutcome('order.rejected')
      .then((saga) => expect(saga.row.parked).toEqual([])));
});

/** temporal.api.enums.v1.WorkflowTaskFailedCause */
const UNHANDLED_COMMAND = 1;

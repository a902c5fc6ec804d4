import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { orderSaga } from '../../workflows/order.saga.ts';
import { signupSaga } from '../../workflows/signup.saga.ts';
import { aNewUser } from '../support/orders.ts';
import { pausingSaga } from './sagas/forms.saga.ts';
import { shipmentSaga } from './sagas/shipment.saga.ts';

describe.concurrent('kernel rule 6: a pivot', () => {
  test('goes through, and what comes after it goes forward only', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .started(aNewOrder())
      .expectSteps('reserve', 'capture', 'ship', 'survey')
      .expectOutcome('order.completed'));

  test('that fails for good has not happened, and what came before it is undone', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('capture', (it) => it.failsForGood('PaymentDeclined'))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'PaymentDeclined', step: 'capture' })
      .expectCompensations('reserve'));

  const outOfTime = () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('capture', (it) => it.neverSucceeds())
      .started(aNewOrder())
      .expectParked('capture');

  test('out of its time parks, for it may have happened: marked done, the saga goes on', () =>
    outOfTime()
      .expectNoCompensations()
      .then((saga) => saga.operator().marksDone('capture', 'seen in the provider’s console'))
      .expectSteps('reserve', 'capture', 'ship', 'survey')
      .expectOutcome('order.completed', { paymentId: 'unknown' })
      .expectNoCompensations());

  test('out of its time, skipped by an operator, has not happened: the saga turns around', () =>
    outOfTime()
      .then((saga) => saga.operator().skips('capture', 'not at the provider'))
      .expectOutcome('order.rejected', { reason: 'PivotSkipped', step: 'capture', compensated: ['reserve'] })
      .expectAttempts({ ship: 0 }));

  test('after it a retriable step is retried until patience ends, then parks, and never turns the saga around', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('ship', (it) => it.neverSucceeds())
      .started(aNewOrder())
      .expectParked('ship')
      .then((saga) => {
        expect(saga.attemptsAt('ship')).toBeGreaterThan(5);
        return saga.operator().marksDone('ship', 'by hand');
      })
      .expectOutcome('order.completed')
      .expectNoCompensations());

  test('after it an optional step may fail', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('survey', (it) => it.failsForGood('RecipientRefused'))
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectNoCompensations());
});

describe.concurrent('kernel rule 11: the deadline', () => {
  test('turns a saga around that is not through in time', () =>
    given(pausingSaga)
      .on('time-skipping')
      .with({ settings: { deadline: '30 minutes' } })
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'DeadlineExceeded', compensated: ['before'] })
      .expectAttempts({ after: 0 }));

  test('names no step, for none is to blame', () =>
    given(pausingSaga)
      .on('time-skipping')
      .with({ settings: { deadline: '30 minutes' } })
      .started(aNewOrder())
      .expectOutcome('order.rejected')
      .then((saga) => expect(saga.row.outbox[0]?.payload).not.toHaveProperty('step')));

  test('stops a step that is being retried', () =>
    given(orderSaga)
      .on('time-skipping')
      .with({ settings: { deadline: '1 minute' } })
      .where('payment', (it) => it.neverSucceeds())
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'DeadlineExceeded', compensated: ['payment'] }));

  test('is a durable timer, and the workflow has no run time-out, which would leave no time to clean up', () =>
    given(orderSaga)
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .then(async (saga) => {
        const history = await saga.history();
        const timers = history.flatMap((event) => event.timerStartedEventAttributes ?? []);
        expect(timers.map(({ startToFireTimeout }) => Number(startToFireTimeout?.seconds))).toEqual([24 * 3600]);
        const started = history[0]?.workflowExecutionStartedEventAttributes;
        expect(Number(started?.workflowRunTimeout?.seconds ?? 0)).toBe(0);
        expect(Number(started?.workflowExecutionTimeout?.seconds ?? 0)).toBe(0);
      }));

  test('stops at the pivot: its timer is cancelled, and a day later nothing happens', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .with({ settings: { transit: '1 day' } })
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectNoCompensations()
      .then(async (saga) => {
        const history = await saga.history();
        const fired = history.flatMap((event) => event.timerFiredEventAttributes ?? []);
        expect(history.filter((event) => event.timerCanceledEventAttributes)).toHaveLength(1);
        expect(fired).toHaveLength(1);
      }));

  test('stops at the start of a rollback: a saga that is parked for a long time keeps its reason', () =>
    given(orderSaga)
      .on('time-skipping')
      .with({ settings: { deadline: '1 hour', patience: '3 hours' } })
      .where('notification', (it) => it.failsForGood('RecipientRefused'))
      .where('payment.compensation', (it) => it.neverSucceeds())
      .started(aNewOrder())
      .expectParked('payment')
      .then((saga) => saga.operator().marksDone('payment', 'by hand'))
      .expectOutcome('order.rejected', { reason: 'RecipientRefused' }));

  test('is none where the saga declares none', () =>
    given(signupSaga)
      .on('time-skipping')
      .with({ settings: { followUpAfter: '300 days' } })
      .started(aNewUser())
      .expectOutcome('user.onboarded'));
});

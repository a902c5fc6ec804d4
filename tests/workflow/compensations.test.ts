import { describe, expect, test, vi } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { orderSaga } from '../../workflows/order.saga.ts';
import { generousSaga, togetherSaga, twofoldSaga } from './sagas/forms.saga.ts';

const rolledBack = () => given(orderSaga).where('notification', (it) => it.failsForGood('RecipientRefused'));

describe.concurrent('kernel rule 4: compensations', () => {
  test('run one after the other, last step first', () =>
    rolledBack()
      .started(aNewOrder())
      .expectCompensations('analytics', 'notification', 'payment')
      .expectOutcome('order.rejected', { compensated: ['analytics', 'notification', 'payment'] }));

  test('of parallel steps run in the reverse of the order in which they were opened, not in which they ended', () =>
    given(togetherSaga)
      .where('middle', (it) => it.failsForGood('Refused'))
      .where('right', (it) => it.failsTimes(2))
      .started(aNewOrder())
      .expectCompensations('right', 'middle', 'left'));

  test('are retried until they succeed', () =>
    rolledBack()
      .where('payment.compensation', (it) => it.failsTimes(6))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'RecipientRefused', skipped: [] })
      .expectAttempts({ 'payment.compensation': 7 }));

  test('that do not succeed within the saga’s patience park it, and nothing is swallowed', () =>
    rolledBack()
      .on('time-skipping')
      .with({ settings: { patience: '1 hour' } })
      .where('payment.compensation', (it) => it.neverSucceeds())
      .started(aNewOrder())
      .expectParked('payment')
      .then(async (saga) => {
        // 30 seconds between attempts at most: an hour of trying, not ten minutes of it.
        expect(saga.attemptsAt('payment.compensation')).toBeGreaterThan(60);
        expect(saga.row.journey?.steps[0]?.compensation).toMatchObject({ state: 'parked', failure: 'StepTimedOut' });
        await saga.operator().marksDone('payment', 'refund 4711 at the bank');
      })
      .expectOutcome('order.rejected'));

  test('go on while one of them is parked', () =>
    rolledBack()
      .where('notification.compensation', (it) => it.isRefused())
      .started(aNewOrder())
      .expectParked('notification')
      .then(async (saga) => {
        await saga.farEnd.until(() => saga.attemptsAt('payment.compensation') === 1, 'the refund');
        await saga.operator().skips('notification', 'no address any more');
      })
      .expectOutcome('order.rejected', {
        compensated: ['analytics', 'payment'],
        skipped: [{ step: 'notification', reason: 'no address any more' }],
      }));

  test('that are parked two at once are resolved one by one, and only then is there an outcome', () =>
    rolledBack()
      .where('notification.compensation', (it) => it.isRefused())
      .where('payment.compensation', (it) => it.isRefusedTimes(1))
      .started(aNewOrder())
      .expectParked('notification', 'payment')
      .then((saga) => saga.operator().skips('notification', 'gone'))
      .expectParked('payment')
      .then((saga) => saga.operator().retries('payment'))
      .expectOutcome('order.rejected', {
        compensated: ['analytics', 'payment'],
        skipped: [{ step: 'notification', reason: 'gone' }],
      }));

  test('are out of reach of Temporal’s own cancel', () =>
    rolledBack()
      .where('payment.compensation', (it, saga) => it.meanwhile(() => saga.handle.cancel(), it.failsTimes(2)))
      .started(aNewOrder())
      .expectOutcome('order.rejected', {
        reason: 'RecipientRefused',
        compensated: ['analytics', 'notification', 'payment'],
      })
      .expectAttempts({ 'payment.compensation': 3 }));

  test('that are parked are an error in the log, for an alert', () =>
    rolledBack()
      .where('analytics.compensation', (it) => it.isRefused())
      .started(aNewOrder())
      .expectParked('analytics')
      .then(async (saga) => {
        const alert = { step: 'analytics', workflowId: saga.workflowId };
        await vi.waitFor(() =>
          expect(saga.logged).toContainEqual(
            expect.objectContaining({
              message: 'saga parked: a step needs an operator',
              meta: expect.objectContaining(alert) as unknown,
            }),
          ),
        );
        await saga.operator().skips('analytics', 'seen');
      })
      .expectOutcome('order.rejected'));
});

describe.concurrent('kernel rule 1: a compensation is registered before its action runs', () => {
  test('an action that was refused is undone all the same, without a result', () =>
    given(twofoldSaga)
      .where('analytics.record', (it) => it.failsForGood('Refused'))
      .started(aNewOrder())
      .expectOutcome('order.rejected')
      .then((saga) => expect(saga.undoOf('twofold')).toMatchObject({ result: 'no result' })));

  test('an action that succeeded is undone with its result', () =>
    given(twofoldSaga)
      .where('last', (it) => it.failsForGood('Refused'))
      .started(aNewOrder())
      .expectCompensations('last', 'twofold')
      .then((saga) => expect(saga.undoOf('twofold')).toMatchObject({ result: 'from-the-action' })));

  test('an optional step that failed is undone as well, if it can be, when a later step fails', () =>
    given(generousSaga)
      .where('gift', (it) => it.failsForGood('OutOfStock'))
      .where('payment', (it) => it.failsForGood('PaymentDeclined'))
      .started(aNewOrder())
      .expectSteps('gift', 'note', 'payment')
      .expectCompensations('payment', 'gift')
      .expectOutcome('order.rejected', { reason: 'PaymentDeclined' }));

  test('an optional step that failed changes nothing else', () =>
    given(generousSaga)
      .on('time-skipping')
      .where('gift', (it) => it.failsForGood('OutOfStock'))
      .where('note', (it) => it.neverSucceeds())
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectNoCompensations());
});

describe.concurrent('kernel rule 2: tombstones, which participants set (tests/integration/participants)', () => {
  test('an action out of its time may still land: its undo is told the action’s key, which is all that it needs', () =>
    given(orderSaga)
      .on('time-skipping')
      .where('payment', (it) => it.neverSucceeds())
      .started(aNewOrder({ orderId: 'tomb-1' }))
      .expectOutcome('order.rejected', { reason: 'StepTimedOut', compensated: ['payment'] })
      .then((saga) => expect(saga.undoOf('payment')).toMatchObject({ actionKey: 'orderSaga:tomb-1/payment' })));

  test('an action that was stopped before it began is undone too, so that it cannot begin any more', () =>
    given(orderSaga)
      .where('analytics', (it) => it.failsForGood('Refused'))
      .started(aNewOrder())
      .expectCompensations('analytics', 'notification', 'payment')
      .expectAttempts({ notification: 0 }));
});

describe.concurrent('kernel rule 12: a message that was sent', () => {
  test('is corrected by a message of its own key, and only the sender knows whether the first one went out', () =>
    given(orderSaga)
      .where('notification', (it) => it.failsForGood('RecipientRefused'))
      .started(aNewOrder({ orderId: 'sent-1' }))
      .expectOutcome('order.rejected')
      .then((saga) =>
        expect(saga.undoOf('notification')).toMatchObject({
          actionKey: 'orderSaga:sent-1/notification',
          key: 'orderSaga:sent-1/notification/undo',
          template: 'order-rejected',
        }),
      ));
});

import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { orderSaga } from '../../workflows/order.saga.ts';
import { pausingSaga } from './sagas/forms.saga.ts';
import { shipmentSaga } from './sagas/shipment.saga.ts';

const cancelRequested = (data: unknown) => ({ type: 'order.cancel-requested', eventId: 'cancel-1', data }) as const;

describe.concurrent('kernel rule 9: a cancel', () => {
  test('that came before its order: nobody is charged, the order is cancelled', () =>
    given(orderSaga)
      .with({ followUps: [cancelRequested({ reason: 'ChangedMind' })] })
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { reason: 'ChangedMind', compensated: [], skipped: [] })
      .expectAttempts({ payment: 0, notification: 0 }));

  test('before its order, and once more as a signal: one cancel', () =>
    given(orderSaga)
      .with({ followUps: [cancelRequested({}), cancelRequested({ reason: 'again' })] })
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { reason: 'CancelRequested' }));

  test('between two steps: what was done is undone, and the next step is never begun', () =>
    given(pausingSaga)
      .whileTimeStands()
      .started(aNewOrder())
      .then(async (saga) => {
        await saga.untilWaiting(2);
        await saga.isAskedToCancel();
      })
      .expectOutcome('order.cancelled', { reason: 'ChangedMind', compensated: ['before'] })
      .expectAttempts({ after: 0 }));

  test('while a step waits for its next attempt: there is none', () =>
    given(orderSaga)
      .where('payment', (it, saga) => it.meanwhile(() => saga.isAskedToCancel(), it.neverSucceeds()))
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { compensated: ['payment'] })
      .expectAttempts({ payment: 1, notification: 0 }));

  test('twice with one event id is one cancel', () =>
    given(pausingSaga)
      .whileTimeStands()
      .started(aNewOrder())
      .then(async (saga) => {
        await saga.untilWaiting(2);
        await saga.isAskedToCancel('cancel-1', 'first');
        await saga.isAskedToCancel('cancel-1', 'second').catch(() => undefined);
      })
      .expectOutcome('order.cancelled', { reason: 'first' }));

  test('by Temporal’s own means is a cancel like any other', () =>
    given(orderSaga)
      .where('payment', (it, saga) => it.isCancelled(() => saga.handle.cancel(), 'succeeds'))
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { reason: 'CancelledInTemporal', compensated: ['payment'] }));

  test('by an operator’s signal is a cancel like any other', () =>
    given(orderSaga)
      .where('payment', (it, saga) => it.isCancelled(() => saga.isCancelledByAnOperator(), 'succeeds'))
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { reason: 'Fraud', compensated: ['payment'] }));

  const malformed: Record<string, unknown[]> = {
    'without anything': [],
    'that is text': ['please'],
    'with an empty reason': [{ reason: '', requestId: 'r' }],
    'with a reason that no outcome takes': [{ reason: 'x'.repeat(900), requestId: 'r' }],
    'with a reason that no database takes': [{ reason: 'a\u0000b', requestId: 'r' }],
    'with a reason cut in half an emoji': [{ reason: `${'x'.repeat(199)}😀`, requestId: 'r' }],
    'with half an emoji, and an id that no database takes': [{ reason: 'ha\ud83d', requestId: '\u0000'.repeat(900) }],
  };
  for (const [name, args] of Object.entries(malformed)) {
    test(`${name}, from a command line, cancels and holds up nobody (kernel rule 5)`, () =>
      given(pausingSaga)
        .whileTimeStands()
        .started(aNewOrder())
        .then(async (saga) => {
          await saga.untilWaiting(2);
          await saga.handle.signal('cancel', ...args);
        })
        .expectOutcome('order.cancelled')
        .then((saga) => {
          const { reason } = saga.row.outbox[0]?.payload as { reason: string };
          expect(reason.length).toBeGreaterThan(0);
          expect(reason.length).toBeLessThanOrEqual(200);
        }));
  }

  test('with a reason that is no text a database takes, told by its event', () =>
    given(orderSaga)
      .with({ followUps: [cancelRequested({ reason: `a\u0000b ${'x'.repeat(195)}😀` })] })
      .started(aNewOrder())
      .expectOutcome('order.cancelled', { reason: `a\uFFFDb ${'x'.repeat(195)}` }));

  test('an event without an id is no cancel, and holds up nobody', () =>
    given(pausingSaga)
      .whileTimeStands()
      .started(aNewOrder())
      .then(async (saga) => {
        await saga.untilWaiting(2);
        await saga.handle.signal('order.cancel-requested');
      })
      .expectOutcome('order.completed'));
});

describe.concurrent('kernel rule 6: a cancel that comes too late', () => {
  const tooLate = (orderId: string, state: string) => ({
    type: 'order.cancel-refused',
    payload: { orderId, reason: 'TooLate', state },
  });

  test('while the pivot runs, is held until it is decided, and then refused', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('capture', (it, saga) => it.meanwhile(() => saga.isAskedToCancel(), it.failsTimes(2)))
      .started(aNewOrder({ orderId: 'late-1' }))
      .expectOutcome('order.completed')
      .expectNoCompensations()
      .expectCancelRefused('cancel-1', tooLate('late-1', 'running'))
      .expectAttempts({ capture: 3 }));

  test('while the pivot runs, and the pivot fails for good: the failure turned it around, and nothing is refused', () =>
    given(shipmentSaga)
      .where('capture', (it, saga) => it.meanwhile(() => saga.isAskedToCancel(), it.failsForGood('PaymentDeclined')))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'PaymentDeclined', step: 'capture', compensated: ['reserve'] })
      .then((saga) => expect(saga.row.refusals.size).toBe(0)));

  test('after the pivot, is refused, and the saga goes on', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('ship', (it, saga) => it.meanwhile(() => saga.isAskedToCancel()))
      .started(aNewOrder({ orderId: 'late-2' }))
      .expectSteps('reserve', 'capture', 'ship', 'survey')
      .expectOutcome('order.completed')
      .expectCancelRefused('cancel-1', tooLate('late-2', 'running')));

  test('after the pivot, twice with one event id, is refused once; with two, twice', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('ship', (it, saga) =>
        it.meanwhile(async () => {
          await saga.isAskedToCancel('a');
          await saga.isAskedToCancel('a');
          await saga.isAskedToCancel('b');
        }),
      )
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .then((saga) => {
        expect([...saga.row.refusals.keys()]).toEqual(['a', 'b']);
        expect(saga.farEnd.outcomeCalls.filter((call) => call === 'refuseCancel')).toHaveLength(2);
      }));

  test('by Temporal’s own means after the pivot, changes nothing', () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('ship', (it, saga) => it.meanwhile(() => saga.handle.cancel(), it.failsTimes(1)))
      .started(aNewOrder({ orderId: 'late-3' }))
      .expectSteps('reserve', 'capture', 'ship', 'survey')
      .expectOutcome('order.completed')
      .expectCancelRefused('temporal', tooLate('late-3', 'running')));

  test('while completion is being claimed for a long time, gets its answer before the saga ends', () =>
    given(orderSaga)
      .where('outcome.complete.before', (it, saga) => it.meanwhile(() => saga.isAskedToCancel(), it.failsTimes(7)))
      .started(aNewOrder({ orderId: 'late-4' }))
      .expectOutcome('order.completed')
      .expectNoCompensations()
      .expectCancelRefused('cancel-1', tooLate('late-4', 'completed')));

  test('while the saga rolls back for another reason, changes nothing and is not refused: it gets what it wants', () =>
    given(orderSaga)
      .where('notification', (it) => it.failsForGood('RecipientRefused'))
      .where('payment.compensation', (it, saga) => it.meanwhile(() => saga.isAskedToCancel()))
      .started(aNewOrder())
      .expectOutcome('order.rejected', { reason: 'RecipientRefused' })
      .then((saga) => expect(saga.row.refusals.size).toBe(0)));
});

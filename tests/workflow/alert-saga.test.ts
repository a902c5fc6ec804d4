import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { alertSaga } from '../../workflows/alert.saga.ts';
import type { AlertRaised } from '../../workflows/events/alert.ts';
import { given } from '../support/given.ts';

function anAlert(): AlertRaised {
  return {
    ...{ alertId: `a-${randomUUID()}`, service: 'checkout', kind: 'error-burst' },
    ...{ count: 200, threshold: 50, windowMs: 60_000, at: '2026-11-22T10:00:00.000Z' },
  };
}

describe.concurrent('alertSaga', () => {
  test('tells the operators, and says how', () => {
    const alert = anAlert();
    return given(alertSaga)
      .started(alert)
      .expectSteps('notify')
      .expectOutcome('alert.notified', { alertId: alert.alertId, service: 'checkout', channels: ['email'] })
      .then((saga) => {
        const { service, count, windowMs, at } = alert;
        expect(saga.farEnd.calls.map(({ activity, input }) => ({ activity, input }))).toEqual([
          {
            activity: 'notification.send',
            input: {
              ...{ to: 'operators', template: 'error-burst', subjectId: alert.alertId },
              ...{ values: { service, count, windowMs, at }, key: `alertSaga:${alert.alertId}/notify` },
            },
          },
        ]);
      });
  });

  test('where nobody is to be told, it ends all the same', () =>
    given(alertSaga)
      .where('notify', (it) => it.succeeds({ sent: [] }))
      .started(anAlert())
      .expectOutcome('alert.notified', { channels: [] }));

  test('tries again while the mail server does not answer', () =>
    given(alertSaga)
      .where('notify', (it) => it.failsTimes(3))
      .started(anAlert())
      .expectOutcome('alert.notified', { channels: ['email'] })
      .expectAttempts({ notify: 4 }));

  test('an address that is refused for good fails the alert: there is nothing to undo', () =>
    given(alertSaga)
      .where('notify', (it) => it.failsForGood('RecipientRefused'))
      .started(anAlert())
      .expectOutcome('alert.failed', { service: 'checkout', reason: 'RecipientRefused', step: 'notify' })
      .expectCompensations());

  test('a mail out of its time parks: it may have gone out; an operator who knows of it ends the alert', () =>
    given(alertSaga)
      .on('time-skipping')
      .where('notify', (it) => it.neverSucceeds())
      .started(anAlert())
      .expectParked('notify')
      .then((saga) => saga.operator().marksDone('notify', 'seen in the mail box'))
      .expectOutcome('alert.notified', { channels: [] }));
});

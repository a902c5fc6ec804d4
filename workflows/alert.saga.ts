/**
 * alert.raised ─► mail to the operators (pivot) ─► alert.notified
 *                     │
 *                     └─ address refused ─► alert.failed
 */
import { defineSaga, remote } from 'sagaline/workflow';
import type { notification } from '../activities/notification/index.ts';
import { alertEvents, type AlertRaised } from './events/alert.ts';

const notifications = remote<typeof notification>('notification');

export const alertSaga = defineSaga({
  name: 'alertSaga',
  on: alertEvents['alert.raised'],
  sagaId: (alert) => alert.alertId,
  subject: ({ alertId, service }) => ({ alertId, service }),
  outcomes: { completed: alertEvents['alert.notified'], rolledBack: alertEvents['alert.failed'] },

  async run(alert, saga) {
    const { alertId, service } = alert;

    const told = await saga.pivot('notify', {
      summary: `tell the operators of ${service}`,
      action: (key) =>
        notifications.send({
          to: 'operators',
          template: 'error-burst',
          subjectId: alertId,
          values: valuesOf(alert),
          key,
        }),
    });

    return { alertId, service, channels: told?.sent ?? [] };
  },
});

function valuesOf({ service, count, windowMs, at }: AlertRaised) {
  return { service, count, windowMs, at };
}

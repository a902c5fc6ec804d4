/** How each outcome of alertSaga comes about. */
import { Client } from 'pg';
import type { SagaToStart } from './running-saga.ts';
import type { Scenario } from './scenario.ts';
import type { Servers } from './servers.ts';

function alert(alertId: string): SagaToStart<'alert.raised'> {
  return {
    sagaName: 'alertSaga',
    sagaId: alertId,
    type: 'alert.raised',
    data: {
      ...{ alertId, service: 'checkout', kind: 'error-burst', count: 50, threshold: 50, windowMs: 60_000 },
      at: '2026-11-22T10:00:00.000Z',
    },
  };
}

/** As an attempt left it that was refused, and whose answer was lost. The address is the worker's, so no alert can choose it. */
async function refusedBefore({ databaseUrl }: Servers, alertId: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const actionKey = `alertSaga:${alertId}/notify`;
  await client
    .query(
      `INSERT INTO "messages" ("key", "action_key", "channel", "subject_id", "template", "recipient", "state")
       VALUES ($1 || ':email', $1, 'email', $2, 'error-burst', 'operators', 'refused')`,
      [actionKey, alertId],
    )
    .finally(() => client.end());
}

export const alerts: Readonly<Record<string, Scenario>> = {
  'alertSaga-notified': { saga: alert('notified') },
  'alertSaga-refused': { saga: alert('refused'), before: (servers) => refusedBefore(servers, 'refused') },
};

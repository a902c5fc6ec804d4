/** Workers that die after a local action committed and before the kernel heard of it, and a cancel that comes first on replay. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applicationTables } from '../../../prisma/application.ts';
import { CANCEL_SIGNAL } from '../../../packages/sagaline/contracts/saga.ts';
import { startMachine, type Machine, type RunningProcess } from '../faults/support/machine.ts';
import { anOrder } from '../../support/orders.ts';

let machine: Machine;
let worker: RunningProcess | undefined;
beforeAll(async () => {
  machine = await startMachine('local-effects');
  await machine.launch('gateway');
}, 120_000);
afterAll(() => machine.close(), 60_000);

/** A saga whose worker dies at a failpoint, is cancelled while there is none, and goes on in the next one. */
async function dieThenCancel(workflowId: string, failpoint: string, begin: () => Promise<unknown>): Promise<void> {
  await worker?.kill('SIGTERM');
  const doomed = await machine.launch('worker', [failpoint]);
  await begin();
  expect(await doomed.ended).toBe('SIGKILL');
  const handle = machine.temporal.workflow.getHandle(workflowId);
  await handle.signal(CANCEL_SIGNAL, { reason: 'ChangedMind', by: 'ada', requestId: 'r-1' });
  worker = await machine.launch('worker');
  await handle.result();
}

const firstOf = (type: string, id: string) =>
  machine.events.first(`${type} of ${id}`, ({ topic, key }) => topic === type && key === id);

test('a fact that nobody reported counts no more once its saga is cancelled', { timeout: 120_000 }, async () => {
  const orderId = 'unreported';
  await dieThenCancel(`orderSaga:${orderId}`, 'analytics.after-record', () =>
    machine.produce('order.created', orderId, anOrder({ orderId })),
  );
  await firstOf('order.cancelled', orderId);
  const [fact] = await applicationTables(machine.database).analyticsFact.findMany({ where: { subjectId: orderId } });
  expect(fact?.reversedAt).toBeInstanceOf(Date);
  expect(await machine.database.$queryRaw`SELECT * FROM "analytics_totals"`).toEqual([]);
});

test('a profile that nobody reported is gone, with all personal data', { timeout: 120_000 }, async () => {
  const userId = 'unreported';
  await dieThenCancel(`signupSaga:${userId}`, 'profile.after-create', () =>
    machine.produce('user.created', userId, { userId, email: 'ada@customer.example', name: 'Ada' }),
  );
  await firstOf('user.onboarding-failed', userId);
  await vi.waitFor(async () =>
    expect(await applicationTables(machine.database).profile.findUniqueOrThrow({ where: { userId } })).toMatchObject({
      email: null,
      name: null,
      locale: null,
    }),
  );
});

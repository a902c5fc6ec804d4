import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payment } from '../../../activities/payment/index.ts';
import { participantsOf } from '../../support/participants.ts';
import { fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

test('every participant is there under its activity type', () => {
  expect(Object.keys(bench.participants()).sort()).toEqual([
    'analytics.record',
    'analytics.reverse',
    'notification.correct',
    'notification.send',
    'outcome.beginRollback',
    'outcome.complete',
    'outcome.finishRollback',
    'outcome.refuseCancel',
    'outcome.reportParked',
    'payment.charge',
    'payment.refund',
    'profile.create',
    'profile.remove',
  ]);
});

test('events name the workflow whose activity made them', async () => {
  const { activities, close } = participantsOf(
    { PAYMENT_URL: bench.sandbox.paymentUrl },
    { participants: [payment], database: bench.database },
  );
  const orderId = fresh('o');
  const workflowId = `orderSaga:${orderId}`;
  const environment = new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'r' } });
  const charge = { orderId, amount: 1, currency: 'EUR', token: 'tok_ok', key: `${workflowId}:payment` };
  const answer = await environment.run(activities['payment.charge'], charge);
  expect(answer).toMatchObject({ amount: 1 });
  expect(await bench.emitted(orderId)).toMatchObject([{ type: 'payment.completed', workflowId }]);
  await close();
});

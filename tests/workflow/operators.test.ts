import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import type { Resolution } from '../../packages/sagaline/contracts/saga.ts';
import { orderSaga } from '../../workflows/order.saga.ts';
import { questionedSaga } from './sagas/forms.saga.ts';
import { shipmentSaga } from './sagas/shipment.saga.ts';

/** Parked at the refund of its payment; its end waits for what the test says. */
const parked = (refusals = 1, beforeItEnds: () => Promise<unknown> = () => Promise.resolve()) =>
  given(orderSaga)
    .where('outcome.finishRollback.before', (it) => it.meanwhile(beforeItEnds))
    .where('analytics', (it) => it.failsForGood('Refused'))
    .where('payment.compensation', (it) => it.isRefusedTimes(refusals))
    .started(aNewOrder())
    .expectParked('payment');

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

describe.concurrent('kernel rule 4: an operator', () => {
  test('retries, and the compensation is asked once more', () =>
    parked()
      .then((saga) => saga.operator().retries('payment'))
      .expectOutcome('order.rejected', { compensated: ['analytics', 'notification', 'payment'], skipped: [] })
      .expectAttempts({ 'payment.compensation': 2 }));

  test('retries in vain, and the saga is parked again', () =>
    parked(2)
      .then(async (saga) => {
        await saga.operator().retries('payment');
        await saga.farEnd.until(() => saga.attemptsAt('payment.compensation') === 2, 'the second refusal');
      })
      .expectParked('payment')
      .then((saga) => saga.operator().retries('payment'))
      .expectOutcome('order.rejected', { skipped: [] })
      .expectAttempts({ 'payment.compensation': 3 }));

  test('skips with a reason, which the outcome tells', () =>
    parked()
      .then((saga) => saga.operator().skips('payment', 'customer keeps the money'))
      .expectOutcome('order.rejected', {
        compensated: ['analytics', 'notification'],
        skipped: [{ step: 'payment', reason: 'customer keeps the money' }],
      })
      .expectAttempts({ 'payment.compensation': 1 }));

  test('marks done with evidence, which the journey keeps', () =>
    parked()
      .then((saga) => saga.operator().marksDone('payment', 'transfer 4711'))
      .expectOutcome('order.rejected', { compensated: ['analytics', 'notification', 'payment'], skipped: [] })
      .expectAttempts({ 'payment.compensation': 1 })
      .then((saga) =>
        expect(saga.row.journey?.steps[0]?.compensation).toMatchObject({ state: 'done', note: 'transfer 4711' }),
      ));

  test('and another with the same update id get one effect and the same answer', () =>
    parked()
      .then(async (saga) => {
        const [one, other] = await Promise.all([
          saga.operator('ada').retries('payment', 'payment#1'),
          saga.operator('bob').retries('payment', 'payment#1'),
        ]);
        expect(one).toEqual(other);
        expect(one).toMatchObject({ step: 'payment', action: 'retry' });
      })
      .expectOutcome('order.rejected')
      .expectAttempts({ 'payment.compensation': 2 }));

  test('and another who decide differently: one is taken, the other gets a clear no', () => {
    // Otherwise the saga may be over before it hears the second one, who is told so instead.
    const { promise: bothAnswered, resolve: answered } = withResolvers();
    return parked(1, () => bothAnswered)
      .then(async (saga) => {
        const answers = await Promise.allSettled([
          saga.operator('ada').skips('payment', 'ada says so'),
          saga.operator('bob').marksDone('payment', 'bob says so'),
        ]);
        answered();
        const refused = answers.filter((answer) => answer.status === 'rejected');
        expect(refused).toHaveLength(1);
        expect(refused[0]?.reason).toBeInstanceOf(WorkflowUpdateFailedError);
        expect((refused[0]?.reason as Error).cause).toMatchObject({ type: 'StepNotParked' });
      })
      .expectOutcome('order.rejected')
      .expectAttempts({ 'payment.compensation': 1 });
  });

  test('cannot resolve a step that is not parked, and leaves no trace by trying', () =>
    parked()
      .then(async (saga) => {
        await expect(saga.operator().retries('notification')).rejects.toThrow(WorkflowUpdateFailedError);
        await expect(saga.operator().skips('no-such-step', 'x')).rejects.toThrow(WorkflowUpdateFailedError);
        const updates = (await saga.history()).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
        expect(updates).toEqual([]);
        await saga.operator().retries('payment');
      })
      .expectOutcome('order.rejected'));

  const nonsense: Record<string, unknown> = {
    'skip without a reason': { action: 'skip', by: 'ada' },
    'skip with an empty reason': { action: 'skip', by: 'ada', reason: '' },
    'skip with a reason that no outcome takes': { action: 'skip', by: 'ada', reason: 'x'.repeat(201) },
    'skip with a reason that no database takes': { action: 'skip', by: 'ada', reason: 'a\u0000b' },
    'done with evidence cut in half an emoji': { action: 'done', by: 'ada', evidence: 'ha\ud83d' },
    'a retry by a name that no database takes': { action: 'retry', by: 'a\u0000' },
    'a retry by a name without end': { action: 'retry', by: 'a'.repeat(201) },
    'done without evidence': { action: 'done', by: 'ada' },
    'an action that is none': { action: 'giveUp', by: 'ada' },
    'a decision of nobody': { action: 'retry' },
    nothing: null,
  };
  for (const [name, resolution] of Object.entries(nonsense)) {
    test(`cannot decide nonsense: ${name}`, () =>
      parked()
        .then(async (saga) => {
          const refused = saga.operator().resolve('payment', resolution as Resolution);
          await expect(refused).rejects.toMatchObject({ cause: { type: 'InvalidResolution' } });
          await saga.operator().retries('payment');
        })
        .expectOutcome('order.rejected', { skipped: [] }));
  }
});

describe.concurrent('kernel rule 6: an operator at a step that can only go forward', () => {
  const stuck = () =>
    given(shipmentSaga)
      .on('time-skipping')
      .where('ship', (it) => it.isRefusedTimes(1))
      .started(aNewOrder())
      .expectParked('ship');

  test('retries it, and the saga goes on', () =>
    stuck()
      .then((saga) => saga.operator().retries('ship'))
      .expectSteps('reserve', 'capture', 'ship', 'survey')
      .expectOutcome('order.completed')
      .expectNoCompensations());

  test('skips it, and the saga goes on without it', () =>
    stuck()
      .then((saga) => saga.operator().skips('ship', 'picked up in person'))
      .expectOutcome('order.completed')
      .expectNoCompensations()
      .then((saga) =>
        expect(saga.row.journey?.steps[2]).toMatchObject({ state: 'skipped', note: 'picked up in person' }),
      ));

  test('marks it done, and the saga goes on', () =>
    stuck()
      .then((saga) => saga.operator().marksDone('ship', 'parcel 12'))
      .expectOutcome('order.completed')
      .then((saga) => expect(saga.row.journey?.steps[2]).toMatchObject({ state: 'done', note: 'parcel 12' })));
});

describe.concurrent('whoever asks a saga while it ends', () => {
  test('gets the answer before it has ended', () =>
    given(questionedSaga)
      .where('payment', (it, saga) =>
        it.meanwhile(() => saga.handle.startUpdate('howIsIt', { updateId: 'question', waitForStage: 'ACCEPTED' })),
      )
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .then(async (saga) => {
        expect(await saga.handle.getUpdateHandle<string>('question').result()).toBe('fine');
      }));
});

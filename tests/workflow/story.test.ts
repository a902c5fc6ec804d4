import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import type { HistoryEvent } from '../../packages/sagaline/testing/stuck.ts';
import type { JourneyStep } from '../../packages/sagaline/contracts/saga.ts';
import { orderSaga } from '../../workflows/order.saga.ts';
import { twofoldSaga } from './sagas/forms.saga.ts';

const text = (payload: Payload | null | undefined): unknown =>
  payload ? defaultPayloadConverter.fromPayload(payload) : undefined;

const activitiesIn = (history: HistoryEvent[]) =>
  history.flatMap(({ activityTaskScheduledEventAttributes: scheduled, userMetadata }) =>
    scheduled
      ? [{ id: scheduled.activityId, type: scheduled.activityType?.name, summary: text(userMetadata?.summary) }]
      : [],
  );

const statesIn = (history: HistoryEvent[]) =>
  history.flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upserted }) => {
    const state = upserted?.searchAttributes?.indexedFields?.['SagaState'];
    return state ? [(text(state) as string[])[0]] : [];
  });

const rolledBack = () => given(orderSaga).where('notification', (it) => it.failsForGood('Refused'));

describe.concurrent('kernel rule 15: the Temporal UI alone tells the story', () => {
  test('activities are named by their step and carry a line about it', () =>
    rolledBack()
      .started(aNewOrder({ amount: 1999, currency: 'EUR' }))
      .expectOutcome('order.rejected')
      .then(async (saga) => {
        expect(activitiesIn(await saga.history())).toEqual([
          { id: 'payment', type: 'payment.charge', summary: 'payment: charge 1999 EUR' },
          { id: 'notification', type: 'notification.send', summary: 'notification' },
          { id: 'notification.compensation', type: 'notification.correct', summary: 'undo notification' },
          { id: 'payment.compensation', type: 'payment.refund', summary: 'undo payment' },
        ]);
      }));

  test('search attributes say which business object, which event, which step, and how it stands', () =>
    rolledBack()
      .where('payment.compensation', (it) => it.isRefusedTimes(1))
      .started(aNewOrder({ orderId: 'told-1' }))
      .expectParked('payment')
      .then((saga) => saga.operator().retries('payment'))
      .expectOutcome('order.rejected')
      .then(async (saga) => {
        const { typedSearchAttributes } = await saga.handle.describe();
        const told = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
        expect(Object.fromEntries(told)).toMatchObject({
          BusinessKey: 'told-1',
          EventId: 'event-of-told-1',
          SagaStep: 'analytics',
          SagaState: 'rejected',
        });
        expect(statesIn(await saga.history())).toEqual(['rollingBack', 'parked', 'rollingBack', 'rejected']);
      }));

  test('a business outcome ends the workflow as completed, and its result says which', () =>
    rolledBack()
      .started(aNewOrder())
      .expectOutcome('order.rejected')
      .then(async (saga) => {
        expect((await saga.handle.describe()).status.name).toBe('COMPLETED');
        expect(await saga.result()).toMatchObject({ state: 'rejected', outcome: { type: 'order.rejected' } });
      }));

  test('no contact data stands in ids, summaries and search attributes', () =>
    given(orderSaga)
      .started(aNewOrder({ contact: { email: 'ada@customer.example' } }))
      .expectOutcome('order.completed')
      .then(async (saga) => {
        const history = await saga.history();
        const { typedSearchAttributes, staticSummary, staticDetails } = await saga.handle.describe();
        const shown = JSON.stringify([
          ...[saga.workflowId, activitiesIn(history), typedSearchAttributes.getAll()],
          ...[await staticSummary(), await staticDetails()],
        ]);
        expect(shown).toContain('charge 1999 EUR');
        expect(shown).not.toContain('ada@customer.example');
      }));
});

describe.concurrent('the journey of a saga', () => {
  const shortly = ({ name, kind, state, compensation }: JourneyStep) =>
    [name, kind, state, compensation?.state].filter(Boolean).join(' ');

  test('is told while a step runs, and when it is over', () =>
    given(orderSaga)
      .where('payment', (it, saga) =>
        it.meanwhile(async () => {
          expect(await saga.journey()).toMatchObject({ state: 'running', parked: [] });
          expect((await saga.journey()).steps.map(shortly)).toEqual(['payment compensatable open']);
        }),
      )
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectAttempts({ payment: 1 })
      .then(async (saga) => {
        const { state, steps } = await saga.journey();
        expect(state).toBe('completed');
        expect(steps.map(shortly)).toEqual([
          'payment compensatable done',
          'notification compensatable done',
          'analytics compensatable done',
        ]);
        for (const { startedAt, endedAt } of steps)
          expect(Date.parse(endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(startedAt));
      }));

  test('is told while the saga is parked, and after the operator’s word', () =>
    rolledBack()
      .where('payment.compensation', (it) => it.isRefusedTimes(1, 'RefundRefused'))
      .started(aNewOrder())
      .expectParked('payment')
      .then(async (saga) => {
        const { state, cause, parked, steps } = await saga.journey();
        expect({ state, cause, parked }).toEqual({
          state: 'parked',
          cause: { kind: 'failure', reason: 'Refused', step: 'notification' },
          parked: ['payment'],
        });
        expect(steps.map(shortly)).toEqual([
          'payment compensatable done parked',
          'notification compensatable failed done',
          'analytics compensatable done done',
        ]);
        expect(steps[0]?.compensation?.failure).toBe('RefundRefused');
        await saga.operator().marksDone('payment', 'transfer 12');
      })
      .expectOutcome('order.rejected')
      .then(async (saga) => {
        const { state, parked, steps } = await saga.journey();
        expect({ state, parked }).toEqual({ state: 'rejected', parked: [] });
        expect(steps[0]?.compensation).toMatchObject({ state: 'done', note: 'transfer 12' });
      }));
});

describe.concurrent('kernel rule 16: few round trips', () => {
  test('remote participants are activities, local ones are not', () =>
    given(orderSaga)
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .then(async (saga) => {
        const history = await saga.history();
        expect(activitiesIn(history).map(({ type }) => type)).toEqual(['payment.charge', 'notification.send']);
        const local = history.filter(
          (event) => event.markerRecordedEventAttributes?.markerName === 'core_local_activity',
        );
        expect(local).toHaveLength(2);
        const tasks = history.filter((event) => event.workflowTaskScheduledEventAttributes);
        expect(tasks.length).toBeLessThanOrEqual(3);
      }));
});

describe.concurrent('kernel rule 7: idempotency keys', () => {
  test('are made of saga id and step name, so that no attempt, run or reset changes them', () =>
    given(orderSaga)
      .where('payment', (it) => it.failsTimes(1))
      .where('notification', (it) => it.failsForGood('Refused'))
      .where('payment.compensation', (it) => it.failsTimes(1))
      .started(aNewOrder({ orderId: 'key-1' }))
      .expectOutcome('order.rejected')
      .then((saga) => {
        const keys = saga.farEnd.calls.map(({ step, input: { key, actionKey } }) => [step, key, actionKey]);
        const action = (step: string) => [step, `orderSaga:key-1/${step}`, undefined];
        const undo = (step: string) => [
          `${step}.compensation`,
          `orderSaga:key-1/${step}/undo`,
          `orderSaga:key-1/${step}`,
        ];
        expect(keys.slice(0, 2)).toEqual([action('payment'), action('payment')]);
        expect(keys).toContainEqual(action('notification'));
        expect(keys.slice(-3)).toEqual([undo('notification'), undo('payment'), undo('payment')]);
      }));

  test('are one per step, however many participants it asks; their activities have ids of their own', () =>
    given(twofoldSaga)
      .started(aNewOrder({ orderId: 'key-2' }))
      .expectOutcome('order.completed')
      .then((saga) =>
        expect(saga.farEnd.calls.map(({ input }) => input.key)).toEqual([
          'twofoldSaga:key-2/twofold',
          'twofoldSaga:key-2/twofold',
          'twofoldSaga:key-2/last',
        ]),
      ));
});

describe.concurrent('kernel rule 14: one saga has one workflow', () => {
  test('a second start is refused while the first runs, and after it has completed', () =>
    given(orderSaga)
      .where('payment', (it, saga) => it.meanwhile(async () => expect(await saga.start()).toBe('alreadyStarted')))
      .started(aNewOrder())
      .expectOutcome('order.completed')
      .expectAttempts({ payment: 1 })
      .then(async (saga) => {
        expect(await saga.start()).toBe('alreadyStarted');
        expect(saga.attemptsAt('payment')).toBe(1);
      }));
});

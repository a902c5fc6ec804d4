/* eslint @typescript-eslint/no-unsafe-return: off, @typescript-eslint/no-unsafe-assignment: off,
   @typescript-eslint/no-unsafe-argument: off, @typescript-eslint/no-unsafe-call: off
   -- what does not compile has no type */
import type { notification } from '../../activities/notification/index.ts';
import type { payment } from '../../activities/payment/index.ts';
import { describe, expectTypeOf, test } from 'vitest';
import { defineSaga, followUp } from '../../packages/sagaline/kernel/define-saga.ts';
import type { SagaWorkflow } from '../../packages/sagaline/kernel/definition.ts';
import type { PayloadOf } from '../../packages/sagaline/contracts/event.ts';
import { orderEvents, type OrderCreated } from '../../workflows/events/order.ts';
import { paymentEvents } from '../../workflows/events/payment.ts';
import { userEvents } from '../../workflows/events/user.ts';
import { remote } from '../../packages/sagaline/kernel/participants.ts';

type UserActivity = PayloadOf<(typeof userEvents)['user.activity']>;

const notifications = remote<typeof notification>('notification');
const payments = remote<typeof payment>('payment');

/** A saga that compiles; each test below spoils one thing of it. */
const order = {
  name: 'typedSaga',
  on: orderEvents['order.created'],
  sagaId: (event: { orderId: string }) => event.orderId,
  subject: ({ orderId }: OrderCreated) => ({ orderId }),
  cancelOn: orderEvents['order.cancel-requested'],
  outcomes: {
    completed: orderEvents['order.completed'],
    rolledBack: orderEvents['order.rejected'],
    cancelled: orderEvents['order.cancelled'],
    cancelRefused: orderEvents['order.cancel-refused'],
  },
  run: ({ orderId, amount, currency }: OrderCreated) =>
    Promise.resolve({ orderId, paymentId: 'pay-1', amount, currency }),
} as const;

const hearing = {
  ...order,
  followUps: [followUp(userEvents['user.activity'], { sagaId: ({ userId }) => userId, ifNoSaga: 'ignore' })],
} as const;

describe('a right saga', () => {
  test('compiles, and is a workflow that carries its registration', () => {
    expectTypeOf(defineSaga(order)).toEqualTypeOf<SagaWorkflow>();
  });

  test('has its starting event typed, without saying so', () => {
    defineSaga({
      ...order,
      run: (event) => {
        expectTypeOf(event).toEqualTypeOf<OrderCreated>();
        return order.run(event);
      },
    });
  });

  test('written in one piece, everything is inferred', () => {
    defineSaga({
      name: 'wholeSaga',
      on: userEvents['user.created'],
      sagaId: (user) => user.userId,
      subject: ({ userId }) => ({ userId }),
      followUps: [followUp(userEvents['user.activity'], { sagaId: (activity) => activity.userId, ifNoSaga: 'park' })],
      settings: { pause: '1 hour' },
      outcomes: { completed: userEvents['user.onboarded'], rolledBack: userEvents['user.onboarding-failed'] },
      async run({ userId }, saga) {
        const activity = await saga.next(userEvents['user.activity'], saga.settings.pause);
        expectTypeOf(activity).toEqualTypeOf<UserActivity | undefined>();
        return { userId, followedUp: activity === undefined };
      },
    });
  });
});

describe('events that do not exist, or do not fit', () => {
  test('on', () => {
    // @ts-expect-error -- misspelt
    defineSaga({ ...order, on: orderEvents['order.craeted'] });
    // @ts-expect-error -- an event, not its name
    defineSaga({ ...order, on: 'order.created' });
  });

  test('on: an event without the fields that the saga reads', () => {
    // @ts-expect-error -- user.created has no orderId
    defineSaga({ ...order, on: userEvents['user.created'] });
  });

  test('cancelOn', () => {
    // @ts-expect-error -- misspelt
    defineSaga({ ...order, cancelOn: orderEvents['order.cancel-request'] });
  });

  test('cancelOn: an event without the field that sagaId reads', () => {
    // @ts-expect-error -- user.activity has no orderId
    defineSaga({ ...order, cancelOn: userEvents['user.activity'] });
  });

  test('followUps', () => {
    const sagaId = () => 'x';
    // @ts-expect-error -- no such event
    defineSaga({ ...order, followUps: [followUp(userEvents['user.activty'], { sagaId, ifNoSaga: 'ignore' })] });
    // @ts-expect-error -- no such rule
    defineSaga({ ...order, followUps: [followUp(userEvents['user.activity'], { sagaId, ifNoSaga: 'drop' })] });
    // @ts-expect-error -- says nothing for the case that there is no saga
    defineSaga({ ...order, followUps: [followUp(userEvents['user.activity'], { sagaId })] });
    // @ts-expect-error -- an event alone does not say whose saga it is for
    defineSaga({ ...order, followUps: [userEvents['user.activity']] });
  });

  test('followUps: a saga id of a field that the event does not have', () => {
    // @ts-expect-error -- user.activity has no orderId
    followUp(userEvents['user.activity'], { sagaId: (activity) => activity.orderId, ifNoSaga: 'ignore' });
  });

  test('next', () => {
    defineSaga({
      ...hearing,
      run: async (event, saga) => {
        // @ts-expect-error -- misspelt
        await saga.next(userEvents['user.activty'], '1 day');
        // @ts-expect-error -- the saga declares no such follow-up, so that it would wait in vain
        await saga.next(userEvents['user.created'], '1 day');
        expectTypeOf(await saga.next(userEvents['user.activity'], '1 day')).toEqualTypeOf<UserActivity | undefined>();
        return order.run(event);
      },
    });
  });

  test('next, in a saga without follow-ups', () => {
    defineSaga({
      ...order,
      run: async (event, saga) => {
        // @ts-expect-error -- it hears nothing
        await saga.next(userEvents['user.activity'], '1 day');
        return order.run(event);
      },
    });
  });
});

describe('outcomes', () => {
  test('completed: the payload has every field, well spelt, of its type', () => {
    // @ts-expect-error -- no paymentId
    defineSaga({ ...order, run: ({ orderId, amount, currency }) => Promise.resolve({ orderId, amount, currency }) });
    // @ts-expect-error -- paymentID
    defineSaga({ ...order, run: (event) => Promise.resolve({ ...event, paymentID: 'pay-1' }) });
    // @ts-expect-error -- an amount is a number
    defineSaga({ ...order, run: (event) => Promise.resolve({ ...event, paymentId: 'pay-1', amount: '19.99' }) });
    // @ts-expect-error -- nothing
    defineSaga({ ...order, run: () => Promise.resolve() });
  });

  test('completed: no such event', () => {
    // @ts-expect-error -- misspelt
    defineSaga({ ...order, outcomes: { ...order.outcomes, completed: orderEvents['order.complete'] } });
  });

  test('rolledBack and cancelled: an event that tells what was undone', () => {
    // @ts-expect-error -- payment.declined has no place for it
    defineSaga({ ...order, outcomes: { ...order.outcomes, rolledBack: paymentEvents['payment.declined'] } });
    // @ts-expect-error -- order.completed has no place for it
    defineSaga({ ...order, outcomes: { ...order.outcomes, cancelled: orderEvents['order.completed'] } });
    // @ts-expect-error -- every saga can be rolled back
    defineSaga({ ...order, outcomes: { completed: orderEvents['order.completed'] } });
  });

  test('cancelRefused: an event that tells the state', () => {
    // @ts-expect-error -- order.rejected does not
    defineSaga({ ...order, outcomes: { ...order.outcomes, cancelRefused: orderEvents['order.rejected'] } });
  });

  test('subject: every field that identifies, and only the event’s', () => {
    // @ts-expect-error -- no orderId
    defineSaga({ ...order, subject: () => ({}) });
    // @ts-expect-error -- misspelt
    defineSaga({ ...order, subject: ({ orderId }: OrderCreated) => ({ orderID: orderId }) });
    // @ts-expect-error -- order.created has no userId
    defineSaga({ ...order, subject: (event) => ({ orderId: event.userId }) });
  });
});

describe('settings', () => {
  test('are read by the names they have', () => {
    defineSaga({
      ...hearing,
      settings: { followUpAfter: '3 days' },
      run: async (event, saga) => {
        await saga.next(userEvents['user.activity'], saga.settings.followUpAfter);
        // @ts-expect-error -- misspelt
        await saga.next(userEvents['user.activity'], saga.settings.followUpafter);
        return order.run(event);
      },
    });
  });
});

describe('steps and participants', () => {
  const run = (event: OrderCreated) => order.run(event);

  test('a result is what the action returns; an optional one may be missing', () => {
    defineSaga({
      ...order,
      run: async (event, saga) => {
        const action = () => Promise.resolve({ paymentId: 'pay-1' });
        const compensation = () => Promise.resolve();
        expectTypeOf(await saga.compensatable('a', { action, compensation })).toEqualTypeOf<{ paymentId: string }>();
        expectTypeOf(await saga.optional('b', { action })).toEqualTypeOf<{ paymentId: string } | undefined>();
        expectTypeOf(await saga.pivot('c', { action })).toEqualTypeOf<{ paymentId: string } | undefined>();
        expectTypeOf(await saga.retriable('d', { action })).toEqualTypeOf<{ paymentId: string } | undefined>();
        expectTypeOf(
          await saga.parallel(saga.optional('e', { action }), saga.compensatable('f', { action, compensation })),
        ).toEqualTypeOf<[{ paymentId: string } | undefined, { paymentId: string }]>();
        return run(event);
      },
    });
  });

  test('a compensation knows that the result may be missing, and of what type it is', () => {
    defineSaga({
      ...order,
      run: async (event, saga) => {
        await saga.compensatable('a', {
          action: () => Promise.resolve({ paymentId: 'pay-1' }),
          compensation: ({ result }) => {
            expectTypeOf(result).toEqualTypeOf<{ paymentId: string } | undefined>();
            // @ts-expect-error -- the action may have failed
            return Promise.resolve(result.paymentId);
          },
        });
        return run(event);
      },
    });
  });

  test('a compensatable step has a compensation, a pivot has none', () => {
    defineSaga({
      ...order,
      run: async (event, saga) => {
        const action = () => Promise.resolve();
        // @ts-expect-error -- cannot be undone
        await saga.compensatable('a', { action });
        // @ts-expect-error -- is not undone
        await saga.pivot('b', { action, compensation: action });
        // @ts-expect-error -- is not undone
        await saga.retriable('c', { action, compensation: action });
        return run(event);
      },
    });
  });

  test('participants are asked for what they do, with what they need', () => {
    // @ts-expect-error -- no idempotency key
    notCalled(() => payments.charge({ orderId: 'o-1', amount: 1, currency: 'EUR', token: 'tok_ok' }));
    // @ts-expect-error -- no such method
    notCalled(() => payments.chrage({}));
    // @ts-expect-error -- no such template
    notCalled(() => notifications.send({ to: {}, template: 'order-payed', subjectId: 'o-1', key: 'k' }));
    // @ts-expect-error -- an undo needs the key of what it undoes
    notCalled(() => payments.refund({ orderId: 'o-1', key: 'k' }));
  });
});

/** Type-checked, never run. */
function notCalled(_: () => unknown): void {
  // Nothing to do.
}

describe('saga.reject', () => {
  test('ends the author’s code, and takes words and plain details', () => {
    defineSaga({
      ...order,
      run: (event, saga) => {
        expectTypeOf(saga.reject('NotApproved')).toEqualTypeOf<never>();
        saga.reject('NotApproved', { approver: 'nobody', after: 3, urgent: true });
        return order.run(event);
      },
    });
  });

  test('does not go without a reason, or with details that no row shows', () => {
    defineSaga({
      ...order,
      run: (event, saga) => {
        // @ts-expect-error -- nobody would know why
        saga.reject();
        // @ts-expect-error -- not flat
        saga.reject('NotApproved', { order: event });
        return order.run(event);
      },
    });
  });
});

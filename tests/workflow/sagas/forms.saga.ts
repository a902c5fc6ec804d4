/** Forms in which an author may write a saga, which ours do not have. */
import type { analytics } from '../../../activities/analytics/index.ts';
import { defineUpdate, setHandler, sleep } from '@temporalio/workflow';
import { userEvents } from '../../../workflows/events/user.ts';
import { defineSaga, followUp } from '../../../packages/sagaline/kernel/define-saga.ts';
import { local as localParticipant } from '../../../packages/sagaline/kernel/participants.ts';
import { completionOf, local, optional, ordering, remote } from './inputs.ts';

const facts = localParticipant<typeof analytics>('analytics');

/** Steps side by side by the author's own Promise.all, which does not wait for the others when one fails. */
export const togetherSaga = defineSaga({
  ...ordering,
  name: 'togetherSaga',
  async run(order, saga) {
    await Promise.all([remote(saga, 'left', order), remote(saga, 'middle', order), local(saga, 'right', order)]);
    return completionOf(order);
  },
});

/** The same by saga.parallel, which does wait. */
export const parallelSaga = defineSaga({
  ...ordering,
  name: 'parallelSaga',
  async run(order, saga) {
    await saga.parallel(remote(saga, 'left', order), remote(saga, 'middle', order), local(saga, 'right', order));
    return completionOf(order);
  },
});

/** A step that goes on opening others while the one beside it turns the saga around. */
export const branchingSaga = defineSaga({
  ...ordering,
  name: 'branchingSaga',
  async run(order, saga) {
    const branch = async () => {
      await remote(saga, 'first', order);
      await remote(saga, 'second', order);
    };
    await Promise.all([branch(), remote(saga, 'beside', order)]);
    return completionOf(order);
  },
});

/** An author who hides a failed step, and even the refusal of the next one. */
export const swallowingSaga = defineSaga({
  ...ordering,
  name: 'swallowingSaga',
  async run(order, saga) {
    await remote(saga, 'payment', order).catch(() => undefined);
    await remote(saga, 'next', order).catch(() => undefined);
    return completionOf(order);
  },
});

/** A step that nobody awaits. */
export const floatingSaga = defineSaga({
  ...ordering,
  name: 'floatingSaga',
  // eslint-disable-next-line @typescript-eslint/require-await -- forgetting it is the point
  async run(order, saga) {
    void remote(saga, 'floating', order);
    return completionOf(order);
  },
});

/** Optional steps, with an undo and without, before one that can fail. */
export const generousSaga = defineSaga({
  ...ordering,
  name: 'generousSaga',
  async run(order, saga) {
    await optional(saga, 'gift', order, 'with undo');
    await optional(saga, 'note', order, 'without undo');
    await remote(saga, 'payment', order);
    return completionOf(order);
  },
});

/** Two steps with an hour between them, and a deadline of a day. */
export const pausingSaga = defineSaga({
  ...ordering,
  name: 'pausingSaga',
  deadline: '1 day',
  settings: { pause: '1 hour' },
  async run(order, saga) {
    await remote(saga, 'before', order);
    await sleep(saga.settings.pause);
    await remote(saga, 'after', order);
    return completionOf(order);
  },
});

/** One local step, whose time is up after three seconds of the wall's clock. */
export const localSaga = defineSaga({
  ...ordering,
  name: 'localSaga',
  async run(order, saga) {
    await remote(saga, 'remote', order);
    await local(saga, 'local', order);
    return completionOf(order);
  },
});

/** A step that asks two participants, and an undo that wants the result. */
export const twofoldSaga = defineSaga({
  ...ordering,
  name: 'twofoldSaga',
  async run(order, saga) {
    const { orderId: subjectId, amount, currency } = order;
    await saga.compensatable('twofold', {
      summary: 'record, and record again',
      action: async (key) => {
        await facts.record({ subjectId, fact: 'one', amount, currency, key });
        await facts.record({ subjectId, fact: 'two', amount, currency, key });
        return { token: 'from-the-action' };
      },
      compensation: ({ actionKey, result }) =>
        facts.reverse({ actionKey, ...{ result: result?.token ?? 'no result' } }),
    });
    await remote(saga, 'last', order);
    return completionOf(order);
  },
});

/** Two waits for events of one type at the same time: each event is for one of them. */
export const waitingTwiceSaga = defineSaga({
  name: 'waitingTwiceSaga',
  on: userEvents['user.created'],
  sagaId: (user) => user.userId,
  subject: ({ userId }) => ({ userId }),
  followUps: [followUp(userEvents['user.activity'], { sagaId: (activity) => activity.userId, ifNoSaga: 'ignore' })],
  outcomes: { completed: userEvents['user.onboarded'], rolledBack: userEvents['user.onboarding-failed'] },
  async run({ userId }, saga) {
    const heard = await Promise.all([
      saga.next(userEvents['user.activity'], '1 day'),
      saga.next(userEvents['user.activity'], '1 day'),
    ]);
    return { userId, followedUp: heard.every((activity) => activity !== undefined) };
  },
});

/** A saga whose author answers questions, and takes time for each. */
export const questionedSaga = defineSaga({
  ...ordering,
  name: 'questionedSaga',
  async run(order, saga) {
    setHandler(defineUpdate<string>('howIsIt'), async () => {
      await sleep('2 seconds');
      return 'fine';
    });
    await remote(saga, 'payment', order);
    return completionOf(order);
  },
});

/** What its author does not wait for, and takes if it is there. */
export const glancingSaga = defineSaga({
  name: 'glancingSaga',
  on: userEvents['user.created'],
  sagaId: (user) => user.userId,
  subject: ({ userId }) => ({ userId }),
  followUps: [followUp(userEvents['user.activity'], { sagaId: (activity) => activity.userId, ifNoSaga: 'ignore' })],
  outcomes: { completed: userEvents['user.onboarded'], rolledBack: userEvents['user.onboarding-failed'] },
  async run({ userId }, saga) {
    const there = await saga.next(userEvents['user.activity'], 0);
    const another = await saga.next(userEvents['user.activity'], '1 day', { name: 'first click' });
    return { userId, followedUp: there !== undefined && another !== undefined };
  },
});

/** Says no after a step; the customer's id says how. */
export const decliningSaga = defineSaga({
  ...ordering,
  name: 'decliningSaga',
  async run(order, saga) {
    await remote(saga, 'payment', order);
    const no = () => saga.reject('NotApproved', { approver: 'nobody' });
    if (order.customerId === 'caught') {
      try {
        no();
      } catch {
        await remote(saga, 'next', order);
      }
    }
    if (order.customerId === 'beside') await Promise.all([remote(saga, 'beside', order), Promise.resolve().then(no)]);
    if (order.customerId === 'too-late') {
      await saga.pivot('pivot', { action: () => Promise.resolve() });
    }
    return no();
  },
});

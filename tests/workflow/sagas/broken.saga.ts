/** A saga with one bug at a time; the customer's id says which. */
import type { analytics } from '../../../activities/analytics/index.ts';
import type { payment } from '../../../activities/payment/index.ts';
import { ApplicationFailure } from '@temporalio/workflow';
import { defineSaga } from '../../../packages/sagaline/kernel/define-saga.ts';
import type { SagaScope } from '../../../packages/sagaline/kernel/definition.ts';
import type { OrderCreated } from '../../../workflows/events/order.ts';
import {
  local as localParticipant,
  remote as remoteParticipant,
} from '../../../packages/sagaline/kernel/participants.ts';
import { chargeOf, completionOf, local, ordering, remote } from './inputs.ts';

const facts = localParticipant<typeof analytics>('analytics');
const payments = remoteParticipant<typeof payment>('payment');

type Bug = (saga: SagaScope, order: OrderCreated) => Promise<unknown>;

const nothing = undefined as unknown as { field: { of: string } };
const pivot = (saga: SagaScope, name: string, order: OrderCreated) =>
  saga.pivot(name, { action: (key) => payments.charge({ ...chargeOf(order), key }) });
const retriable = (saga: SagaScope, name: string, order: OrderCreated) =>
  saga.retriable(name, { action: (key) => payments.charge({ ...chargeOf(order), key }) });

const bugs = {
  'in the code between steps': async (saga, order) => {
    await remote(saga, 'payment', order);
    return nothing.field.of;
  },
  'an error that quotes half a character': async (saga, order) => {
    await remote(saga, 'payment', order);
    throw new TypeError(`cannot read ${'\u{1F600}'.slice(0, 1)}`, { cause: new Error('\uD83D') });
  },
  'in an action': async (saga, order) => {
    await remote(saga, 'payment', order);
    await saga.compensatable('broken', {
      action: (key) => payments.charge({ ...chargeOf(order), orderId: nothing.field.of, key }),
      compensation: () => Promise.resolve(),
    });
  },
  'in an action whose author catches everything': async (saga, order) => {
    await remote(saga, 'payment', order);
    const action = () => Promise.resolve(nothing.field.of);
    await saga.compensatable('broken', { action, compensation: () => Promise.resolve() }).catch(() => undefined);
  },
  'in an optional action': async (saga, order) => {
    await remote(saga, 'payment', order);
    await saga.optional('broken', { action: () => Promise.resolve(nothing.field.of) });
  },
  'in a step that nobody awaits': async (saga, order) => {
    await remote(saga, 'payment', order);
    void saga.optional('broken', { action: () => Promise.resolve(nothing.field.of) });
  },
  'in a compensation': async (saga, order) => {
    await remote(saga, 'payment', order);
    await saga.compensatable('broken', {
      action: (key) => payments.charge({ ...chargeOf(order), key }),
      compensation: () => Promise.resolve(nothing.field.of),
    });
    await remote(saga, 'last', order);
  },
  'two steps of one name': async (saga, order) => {
    await remote(saga, 'payment', order);
    await remote(saga, 'payment', order);
  },
  'two steps of one name, caught': async (saga, order) => {
    await remote(saga, 'payment', order);
    await remote(saga, 'payment', order).catch(() => undefined);
  },
  'a pivot beside another step': (saga, order) =>
    Promise.all([remote(saga, 'payment', order), pivot(saga, 'pivot', order)]),
  'a step beside a pivot': (saga, order) => Promise.all([pivot(saga, 'pivot', order), remote(saga, 'payment', order)]),
  'a step that can be undone after the pivot': async (saga, order) => {
    await pivot(saga, 'pivot', order);
    await remote(saga, 'payment', order);
  },
  'a second pivot': async (saga, order) => {
    await pivot(saga, 'pivot', order);
    await pivot(saga, 'second', order);
  },
  'a retriable step without a pivot': async (saga, order) => {
    await remote(saga, 'payment', order);
    await retriable(saga, 'ship', order);
  },
  'a pivot at a local participant': async (saga, order) => {
    const { orderId: subjectId, amount, currency } = order;
    await remote(saga, 'payment', order);
    await saga.pivot('pivot', { action: (key) => facts.record({ subjectId, fact: 'p', amount, currency, key }) });
  },
  'a failure thrown by the saga itself': async (saga, order) => {
    await remote(saga, 'payment', order);
    throw ApplicationFailure.nonRetryable('not mine to throw', 'PaymentDeclined');
  },
  'a step name that is no name': async (saga, order) => {
    await remote(saga, 'payment', order);
    await local(saga, 'payment/undo', order);
  },
} satisfies Record<string, Bug>;

export type BugName = keyof typeof bugs;

export const brokenSaga = defineSaga({
  ...ordering,
  name: 'brokenSaga',
  async run(order, saga) {
    await bugs[order.customerId as BugName](saga, order);
    return completionOf(order);
  },
});

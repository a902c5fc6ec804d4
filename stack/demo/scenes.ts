/** The demo's stories: what is sent, what is done meanwhile, and how each must end. */
import { workflowIdOf } from 'sagaline';
import { deadLetterTopicOf } from 'sagaline/dev';
import type { OrderCreated } from '../../workflows/events/order.ts';
import type { World } from './world.ts';

export interface Scene {
  /** Begins the ids of what it sends, so that they can be told apart in the Temporal UI. */
  readonly name: string;
  readonly story: string;
  readonly saga: 'orderSaga' | 'signupSaga' | undefined;
  /** The topic that tells how it ended. */
  readonly ends: string;
  /** What the ending's payload must say. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Further topics on which something of this key must appear. */
  readonly also?: readonly string[];
  /** Charges in the provider's ledger, and what is left of them; undefined where nobody is charged by design of the saga. */
  readonly ledger?: { readonly captured: number; readonly kept: boolean };
  play(world: World, id: string): Promise<void>;
}

const AMOUNT = 1999;
const UNDONE = { captured: 1, kept: false };
const KEPT = { captured: 1, kept: true };
const NO_CHARGE = { captured: 0, kept: false };

/** Synthetic people only. */
function order(orderId: string, token = 'tok_ok', email = 'ada@customer.example'): OrderCreated {
  return {
    orderId,
    customerId: 'c-ada',
    amount: AMOUNT,
    currency: 'EUR',
    items: [{ sku: 'book', quantity: 1, unitPrice: AMOUNT }],
    contact: { email, phone: '+4915112345678' },
    paymentMethod: { token },
  };
}

const send = (world: World, value: OrderCreated) => world.produce('order.created', value.orderId, value);
const cancel = (world: World, orderId: string) =>
  world.produce('order.cancel-requested', orderId, { orderId, reason: 'changed my mind' });

export const scenes: readonly Scene[] = [
  ...['completes', 'completes-2', 'completes-3'].map((name): Scene => ({
    name,
    story: 'an order that completes: charged, notified, counted',
    saga: 'orderSaga',
    ends: 'order.completed',
    also: ['payment.completed', 'notification.sent'],
    ledger: KEPT,
    play: (world, id) => send(world, order(id)),
  })),
  {
    name: 'declined',
    story: 'the card is declined: nothing to undo, no retry',
    saga: 'orderSaga',
    ends: 'order.rejected',
    with: { reason: 'PaymentDeclined', step: 'payment' },
    also: ['payment.declined'],
    ledger: NO_CHARGE,
    play: (world, id) => send(world, order(id, 'tok_declined')),
  },
  {
    name: 'notification-refused',
    story: 'the mail is refused for good after the charge: fact reversed, charge refunded, last first',
    saga: 'orderSaga',
    ends: 'order.rejected',
    with: { reason: 'RecipientRefused', step: 'notification', compensated: ['analytics', 'notification', 'payment'] },
    also: ['payment.refunded', 'notification.failed'],
    ledger: UNDONE,
    play: (world, id) => send(world, order(id, 'tok_ok', 'refused@customer.example')),
  },
  {
    name: 'cancelled-midway',
    story: 'a cancel arrives while the charge is under way: the charge ends, then it is refunded',
    saga: 'orderSaga',
    ends: 'order.cancelled',
    with: { reason: 'changed my mind', compensated: ['payment'] },
    ledger: UNDONE,
    async play(world, id) {
      await send(world, order(id, 'tok_slow_2000'));
      await world.untilStep('orderSaga', id, 'payment');
      await cancel(world, id);
    },
  },
  {
    name: 'cancelled-before',
    story: 'the cancel comes before its order: it waits, and the order charges nobody',
    saga: 'orderSaga',
    ends: 'order.cancelled',
    with: { compensated: [] },
    ledger: NO_CHARGE,
    async play(world, id) {
      await cancel(world, id);
      await world.untilParkedEvent(workflowIdOf('orderSaga', id));
      await send(world, order(id));
    },
  },
  {
    name: 'cancelled-too-late',
    story: 'the cancel comes after completion: it is refused, and the order stands',
    saga: 'orderSaga',
    ends: 'order.cancel-refused',
    with: { reason: 'TooLate', state: 'completed' },
    also: ['order.completed'],
    ledger: KEPT,
    async play(world, id) {
      await send(world, order(id));
      await world.events.first(`completion of ${id}`, ({ topic, key }) => topic === 'order.completed' && key === id);
      await cancel(world, id);
    },
  },
  {
    name: 'duplicate',
    story: 'the same order is delivered three times: one saga, one charge, one outcome',
    saga: 'orderSaga',
    ends: 'order.completed',
    ledger: KEPT,
    async play(world, id) {
      for (let copy = 1; copy <= 3; copy += 1) await send(world, order(id));
    },
  },
  {
    name: 'malformed',
    story: 'a record that is no JSON: to the dead letters with its reason, and the partition moves on',
    saga: undefined,
    ends: deadLetterTopicOf('order.created'),
    with: { reason: 'invalid-json' },
    play: (world, id) => world.produce('order.created', id, `{"orderId": "${id}", "amount": `),
  },
  {
    name: 'parked',
    story: 'the mail is refused, and then the refund, too: the saga parks until an operator retries',
    saga: 'orderSaga',
    ends: 'order.rejected',
    with: { reason: 'RecipientRefused', compensated: ['analytics', 'notification', 'payment'], skipped: [] },
    ledger: UNDONE,
    async play(world, id) {
      await send(world, order(id, 'tok_refund_refused', 'refused@customer.example'));
      const { id: sagaId } = await world.untilParked(workflowIdOf('orderSaga', id));
      await world.allowRefunds(id);
      await world.retry(sagaId, 'payment');
    },
  },
  {
    name: 'signup-quiet',
    story: 'a sign-up: profile, welcome mail, a durable timer, and a reminder to who did not come back',
    saga: 'signupSaga',
    ends: 'user.onboarded',
    with: { followedUp: true },
    play: (world, userId) =>
      world.produce('user.created', userId, { userId, email: 'grace@customer.example', name: 'Grace' }),
  },
  {
    name: 'signup-active',
    story: 'a sign-up whose user is active before the timer: no reminder',
    saga: 'signupSaga',
    ends: 'user.onboarded',
    with: { followedUp: false },
    async play(world, userId) {
      await world.produce('user.created', userId, { userId, email: 'alan@customer.example', name: 'Alan' });
      await world.untilStep('signupSaga', userId, 'welcome');
      await world.produce('user.activity', userId, { userId, action: 'viewed' });
    },
  },
];

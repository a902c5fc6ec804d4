import { expect, test } from 'vitest';
import { orderStateOf } from '../../../services/orders/order-state.ts';
import { userStateOf } from '../../../services/users/user-state.ts';

const events = (...types: string[]) => types.map((type) => ({ type }));

test.each([
  [[], 'created'],
  [['order.created'], 'created'],
  [['order.created', 'payment.completed'], 'paid'],
  [['order.created', 'payment.completed', 'notification.sent'], 'paid'],
  [['order.created', 'payment.completed', 'order.completed', 'order.cancel-refused'], 'completed'],
  [['order.created', 'payment.declined'], 'declined'],
  [['order.created', 'payment.declined', 'order.rejected'], 'rejected'],
  [['order.created', 'payment.completed', 'payment.refunded'], 'refunded'],
  [['order.created', 'payment.completed', 'payment.refunded', 'order.cancelled'], 'cancelled'],
])('an order with %j is %s', (types, state) => {
  expect(orderStateOf(events(...types))).toBe(state);
});

test.each([
  [['user.created'], 'created'],
  [['user.created', 'notification.sent', 'user.onboarded'], 'onboarded'],
  [['user.created', 'notification.failed', 'user.onboarding-failed'], 'onboarding-failed'],
])('a user with %j is %s', (types, state) => {
  expect(userStateOf(events(...types))).toBe(state);
});

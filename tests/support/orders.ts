import { randomUUID } from 'node:crypto';
import type { OrderCreated } from '../../workflows/events/order.ts';
import type { UserCreated } from '../../workflows/events/user.ts';

/** A valid order; say only what the test is about. Synthetic data, fit for committed histories. */
export function anOrder(order: Partial<OrderCreated> = {}): OrderCreated {
  return {
    orderId: 'o-1',
    customerId: 'c-1',
    amount: 1999,
    currency: 'EUR',
    items: [{ sku: 'book', quantity: 1, unitPrice: 1999 }],
    contact: { email: 'ada@customer.example' },
    paymentMethod: { token: 'tok_ok' },
    ...order,
  };
}

/** A valid sign-up. */
export function aUser(user: Partial<UserCreated> = {}): UserCreated {
  return { userId: 'u-1', email: 'grace@customer.example', name: 'Grace', ...user };
}

/** An order with an id of its own, for tests that share a server. */
export function aNewOrder(order: Partial<OrderCreated> = {}): OrderCreated {
  return anOrder({ orderId: `o-${randomUUID()}`, ...order });
}

/** A sign-up with an id of its own, for tests that share a server. */
export function aNewUser(user: Partial<UserCreated> = {}): UserCreated {
  return aUser({ userId: `u-${randomUUID()}`, ...user });
}

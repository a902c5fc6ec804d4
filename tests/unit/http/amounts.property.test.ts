import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anOrder } from '../../support/orders.ts';
import { createTestApp } from './support/test-app.ts';

/** Numbers as they may stand in JSON, and none of which is an amount of money in minor units (failure mode 54). */
const noAmount = fc.oneof(
  fc.integer({ max: 0 }).map(String),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }).map(String),
  fc.bigInt({ min: -(2n ** 200n), max: -1n }).map(String),
  fc
    .tuple(fc.nat(), fc.integer({ min: 1, max: 99 }))
    .filter(([, cents]) => cents % 100 !== 0)
    .map(([whole, cents]) => `${whole % 2 ** 30}.${String(cents).padStart(2, '0')}`),
  fc.constantFrom('1e400', '-1e400', '1e16', '1e-1', '-0', '0.0', '1.5e0', '9007199254740993'),
  fc.integer({ min: 1 }).map((amount) => `"${amount}"`),
  fc.constantFrom('null', 'true', '[1999]', '{"value":1999}', '"NaN"', '""'),
);

const { post, produced } = createTestApp();
const PATIENCE = { timeout: 60_000 };

test('amounts that are negative, fractional, overflowing or no numbers are never accepted', PATIENCE, async () => {
  await fc.assert(
    fc.asyncProperty(noAmount, async (amount) => {
      const body = JSON.stringify(anOrder()).replace('"amount":1999', `"amount":${amount}`);
      const response = await post('/v1/events/order.created', body);
      const { errors } = (await response.json()) as { errors: { field: string }[] };
      expect([response.status, errors[0]?.field]).toEqual([422, 'amount']);
    }),
    { numRuns: 400 },
  );
  expect(produced).toEqual([]);
});

test('neither are such prices and quantities', PATIENCE, async () => {
  await fc.assert(
    fc.asyncProperty(
      noAmount.filter((price) => Number(price) !== 0),
      async (price) => {
        for (const field of ['unitPrice', 'quantity']) {
          const body = JSON.stringify(anOrder()).replace(new RegExp(`"${field}":[0-9]+`), `"${field}":${price}`);
          expect((await post('/v1/events/order.created', body)).status).toBe(422);
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(produced).toEqual([]);
});

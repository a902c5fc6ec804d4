import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failureOf, fresh, openWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

async function totalOf(fact: string): Promise<{ count: number; amount: number }> {
  const rows = await bench.database.$queryRaw<{ count: bigint; amount: bigint }[]>`
    SELECT "count", "amount" FROM "analytics_totals" WHERE "fact" = ${fact}`;
  return { count: Number(rows[0]?.count ?? 0), amount: Number(rows[0]?.amount ?? 0) };
}

test('totals always add up, whatever the order and the repetition of records and reversals', async () => {
  const { 'analytics.record': record, 'analytics.reverse': reverse } = bench.participants();
  const orders = 4;
  const operation = fc.record({
    kind: fc.constantFrom('record', 'reverse'),
    order: fc.nat(orders - 1),
    together: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: orders, maxLength: orders }),
      fc.array(operation, { maxLength: 20 }),
      async (amounts, operations) => {
        const fact = fresh('fact');
        const recorded = new Set<number>();
        const reversed = new Set<number>();
        for (const { kind, order, together } of operations) {
          const key = `${fact}:${order}`;
          const once = () =>
            kind === 'record'
              ? record({ subjectId: `o-${order}`, fact, amount: amounts[order] ?? 0, currency: 'EUR', key })
              : reverse({ actionKey: key });
          const calls = await Promise.allSettled(together ? [once(), once(), once()] : [once()]);
          const refused = kind === 'record' && reversed.has(order);
          expect(calls.every(({ status }) => status === (refused ? 'rejected' : 'fulfilled'))).toBe(true);
          (kind === 'record' && !refused ? recorded : reversed).add(order);

          const standing = [...recorded].filter((one) => !reversed.has(one));
          expect(await totalOf(fact)).toEqual({
            count: standing.length,
            amount: standing.reduce((sum, one) => sum + (amounts[one] ?? 0), 0),
          });
        }
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test('a fact reversed before it was recorded stays out, for good', async () => {
  const { 'analytics.record': record, 'analytics.reverse': reverse } = bench.participants();
  const fact = fresh('fact');
  expect(await reverse({ actionKey: fact })).toEqual({ reversed: false });
  const late = record({ subjectId: 'o-1', fact, amount: 5, currency: 'EUR', key: fact });
  expect(await failureOf(late)).toMatchObject({ type: 'ActionUndone', final: true });
  expect(await totalOf(fact)).toEqual({ count: 0, amount: 0 });
});

test('the same key with another amount is refused, and counts nothing', async () => {
  const { 'analytics.record': record } = bench.participants();
  const fact = fresh('fact');
  await record({ subjectId: 'o-1', fact, amount: 5, currency: 'EUR', key: fact });
  const other = record({ subjectId: 'o-1', fact, amount: 6, currency: 'EUR', key: fact });
  expect(await failureOf(other)).toMatchObject({ type: 'KeyReused', final: true });
  expect(await totalOf(fact)).toEqual({ count: 1, amount: 5 });
});

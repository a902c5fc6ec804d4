import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from './sandbox-process.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

async function post(
  path: string,
  key: string,
  body: unknown,
): Promise<{ status: number; body: { id?: string; error?: { code: string } } }> {
  const response = await fetch(`${sandbox.paymentUrl}${path}`, {
    method: 'POST',
    headers: { 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { id?: string; error?: { code: string } } };
}

const charge = (orderId: string, token: string) => ({ amount: 100, currency: 'EUR', token, metadata: { orderId } });

test('while a request is handled, others with its key are turned away, whatever they say; then all get its answer', async () => {
  const body = charge('o-1', 'tok_slow_500');
  const [first, ...others] = await Promise.all([
    post('/v1/charges', 'k-1', body),
    ...Array.from({ length: 5 }, () => post('/v1/charges', 'k-1', body)),
    post('/v1/charges', 'k-1', charge('o-1', 'tok_ok')),
  ]);
  expect([first, ...others].map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409]);
  const refused = [first, ...others].filter(({ status }) => status === 409);
  expect(new Set(refused.map(({ body: { error } }) => error?.code))).toEqual(new Set(['idempotency_key_in_use']));
  const again = await post('/v1/charges', 'k-1', body);
  expect(again).toEqual([first, ...others].find(({ status }) => status === 201));
  expect((await sandbox.ledger('o-1')).entries).toHaveLength(1);
});

test('overlapping refunds of one key are made once, and the others turned away', async () => {
  const { body } = await post('/v1/charges', 'k-9', charge('o-9', 'tok_ok'));
  const path = `/v1/charges/${body.id ?? ''}/refunds`;
  const refunds = await Promise.all(Array.from({ length: 5 }, () => post(path, 'r-same', {})));
  const codes = refunds.flatMap(({ body: { error } }) => error?.code ?? []);
  expect(codes.length).toBeGreaterThan(0);
  expect(new Set(codes)).toEqual(new Set(['idempotency_key_in_use']));
  expect((await sandbox.ledger('o-9')).totals).toEqual({ captured: 100, refunded: 100, balance: 0 });
});

test('overlapping refunds under different keys never give back more than was captured', async () => {
  const { body } = await post('/v1/charges', 'k-2', charge('o-2', 'tok_ok'));
  const refunds = await Promise.all(
    Array.from({ length: 10 }, (_, index) => post(`/v1/charges/${body.id ?? ''}/refunds`, `r-${index}`, {})),
  );
  expect(refunds.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  expect((await sandbox.ledger('o-2')).totals).toEqual({ captured: 100, refunded: 100, balance: 0 });
});

test.each([
  { why: 'another body', key: 'k-3', body: charge('o-3', 'tok_declined'), status: 422, code: 'idempotency_key_reused' },
  { why: 'an unknown token', key: 'k-4', body: charge('o-3', 'tok_nonsense'), status: 400, code: 'invalid_request' },
  {
    why: 'a fractional amount',
    key: 'k-5',
    body: { ...charge('o-3', 'tok_ok'), amount: 1.5 },
    status: 400,
    code: 'invalid_request',
  },
  { why: 'no key', key: '', body: charge('o-3', 'tok_ok'), status: 400, code: 'idempotency_key_required' },
])('a charge with $why is refused clearly, and moves no money', async ({ key, body, status, code }) => {
  await post('/v1/charges', 'k-3', charge('o-3', 'tok_ok'));
  expect(await post('/v1/charges', key, body)).toMatchObject({ status, body: { error: { code } } });
  expect((await sandbox.ledger('o-3')).entries).toHaveLength(1);
});

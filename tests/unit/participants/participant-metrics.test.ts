import { CancelledFailure } from '@temporalio/common';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { observed } from '../../../packages/sagaline/participants/observer.ts';
import { PaymentDeclined, ProviderUnavailable } from '../../../activities/payment/failures.ts';
import {
  participantCounter,
  participantObserver,
} from '../../../packages/sagaline/process/metrics/participant-metrics.ts';
import { Prisma } from '../../../packages/sagaline/prisma/generated/client.ts';

const outage = new Prisma.PrismaClientKnownRequestError('connection closed', { code: 'P1017', clientVersion: '7' });

test.each([
  { why: 'an answer', error: undefined, outcome: 'ok', failure: undefined },
  { why: 'a final failure', error: new PaymentDeclined('o-1', 'no'), outcome: 'refused', failure: 'PaymentDeclined' },
  {
    why: 'a far end that is away',
    error: new ProviderUnavailable('x'),
    outcome: 'failed',
    failure: 'ProviderUnavailable',
  },
  { why: 'our database that is away', error: outage, outcome: 'outage', failure: 'PrismaClientKnownRequestError' },
  { why: 'a bug', error: new TypeError('x is not a function'), outcome: 'failed', failure: 'TypeError' },
  { why: 'a cancel', error: new CancelledFailure('CANCELLED'), outcome: 'cancelled', failure: 'CancelledFailure' },
])('$why counts as $outcome, and reaches the caller as it is', async ({ error, outcome, failure }) => {
  const registry = new Registry();
  const call = observed(
    { participant: 'payment', method: 'charge' },
    () => (error === undefined ? Promise.resolve('answer') : Promise.reject(error)),
    participantObserver([registry]),
  );
  const settled = await call().catch((reason: unknown) => reason);
  expect(settled).toBe(error ?? 'answer');
  const text = await registry.metrics();
  expect(text).toContain(
    `sagaline_participant_duration_seconds_count{participant="payment",method="charge",outcome="${outcome}"} 1`,
  );
  if (failure === undefined) expect(text).not.toContain('failures_total{');
  else expect(text).toContain(`failures_total{participant="payment",method="charge",failure="${failure}"} 1`);
});

test('a counter that several ask for by its name is one, and has one set of labels', async () => {
  const registry = new Registry();
  const counter = participantCounter([registry]);
  const options = { name: 'shop_refunds_total', help: 'Refunds' };
  counter({ ...options, labels: ['shop', 'outcome'] })({ shop: 'a', outcome: 'made' });
  counter({ ...options, labels: ['outcome', 'shop'] })({ shop: 'b', outcome: 'made' });
  expect(await registry.metrics()).toContain(
    'shop_refunds_total{shop="a",outcome="made"} 1\nshop_refunds_total{shop="b",outcome="made"} 1',
  );
  expect(() => counter({ ...options, labels: ['shop'] })).toThrow(/shop_refunds_total has the labels outcome, shop/);
});

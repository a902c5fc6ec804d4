import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import { decliningSaga } from './sagas/forms.saga.ts';

const declined = (how: string) => given(decliningSaga).started(aNewOrder({ customerId: how }));

describe.concurrent('saga.reject', () => {
  test('rolls back as a failed step does, and the outcome says why', () =>
    declined('plain')
      .expectOutcome('order.rejected', { reason: 'NotApproved', compensated: ['payment'], skipped: [] })
      .then((saga) => {
        expect(saga.row.outbox[0]?.payload).not.toHaveProperty('step');
        expect(saga.row.cause).toEqual({ kind: 'rejected', reason: 'NotApproved', details: { approver: 'nobody' } });
      }));

  test('cannot be caught: no step is begun after it', () =>
    declined('caught')
      .expectOutcome('order.rejected', { reason: 'NotApproved', compensated: ['payment'] })
      .expectAttempts({ next: 0 }));

  test('beside a step: that one ends first, and is undone', () =>
    declined('beside').expectOutcome('order.rejected', { reason: 'NotApproved', compensated: ['beside', 'payment'] }));

  test('after the pivot is a programming error, and refunds nobody', () =>
    declined('too-late')
      .expectStillRunning(/saga.reject: the pivot has begun/)
      .expectNoCompensations()
      .then((saga) => saga.handle.terminate('seen')));
});

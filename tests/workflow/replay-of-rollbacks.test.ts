import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { aNewOrder } from '../support/orders.ts';
import type { RunningSaga } from '../../packages/sagaline/testing/running-saga.ts';
import { orderSaga } from '../../workflows/order.saga.ts';

/** Parked, resumed and rejected: the longest way a saga can go. */
const rolledBack = () =>
  given(orderSaga)
    .where('notification', (it) => it.failsForGood('RecipientRefused'))
    .where('payment.compensation', (it) => it.isRefusedTimes(1))
    .started(aNewOrder())
    .expectParked('payment')
    .then((saga) => saga.operator().retries('payment'))
    .expectOutcome('order.rejected');

async function replay(saga: RunningSaga, code: string): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: { code } }, await saga.handle.fetchHistory(), saga.workflowId);
}

describe.concurrent('kernel rule 13: a change of the kernel is a change of every saga in flight', () => {
  test('the same kernel replays what it did', () => rolledBack().then((saga) => replay(saga, saga.code)));

  const changes: Record<string, [from: RegExp, to: string]> = {
    'undoes in another order': [/undoStack\.toReversed\(\)/, 'undoStack'],
    'claims no rollback before the first undo': [
      /await outcome\.beginRollback\(intended\)/,
      "{ state: 'rollingBack' }",
    ],
    'has no deadline any more': [/startDeadline\(\);\s+const returned/, 'const returned'],
  };
  for (const [name, [from, to]] of Object.entries(changes)) {
    test(`one that ${name} is told so by a replay`, () =>
      rolledBack().then(async (saga) => {
        const changed = saga.code.replace(from, to);
        expect(changed).not.toBe(saga.code);
        await expect(replay(saga, changed)).rejects.toThrow(DeterminismViolationError);
      }));
  }
});

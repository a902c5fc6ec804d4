/** Deposits (deposit.ts, the example of docs/participants.md) on a workbench, and ways to look at what they left behind. */
import { expect } from 'vitest';
import { createCallStore } from '../../../packages/sagaline/participants/barrier/store.ts';
import type { BarrierTimes } from '../../../packages/sagaline/node.ts';
import { participantsOf } from '../../support/participants.ts';
import { deposit } from './deposit.ts';
import { fresh, type Workbench } from './workbench.ts';

/** The participant as it is, with times that tests see end. */
const depositWith = (times: BarrierTimes): typeof deposit => ({
  ...deposit,
  create: ({ barrier, ...tools }) =>
    deposit.create({ ...tools, barrier: (name, undoable) => barrier(name, { ...undoable, ...times }) }),
});

export interface DepositOptions extends BarrierTimes {
  readonly url?: string;
  readonly count?: (labels: Readonly<Record<string, string>>) => void;
}

export const WENT_BACK = { captured: 1999, refunded: 1999, balance: 0 };

export function aDeposit(token: string) {
  const orderId = fresh('t');
  const key = `tripSaga:${orderId}/deposit`;
  return { input: { orderId, amount: 1999, currency: 'EUR', token, key }, undo: { actionKey: key } };
}

export function depositsOn(bench: Workbench) {
  return {
    deposits({ url = bench.sandbox.paymentUrl, count = () => undefined, ...times }: DepositOptions = {}) {
      const set = participantsOf(
        { DEPOSIT_URL: url },
        {
          participants: [depositWith(times)],
          database: bench.database,
          workflowId: () => 'tripSaga:t-1',
          counter: () => count,
        },
      );
      return { take: set.activities['deposit.take'], giveBack: set.activities['deposit.giveBack'], set };
    },
    store: () => createCallStore<{ id: string }>(bench.database, 'deposit.deposit', () => 'tripSaga:t-1'),
    rowOf: (key: string) => bench.database.participantCall.findUniqueOrThrow({ where: { key } }),
    totalsOf: async (orderId: string) => (await bench.sandbox.ledger(orderId)).totals,
    /** As a request that arrives when nobody waits for it any more. */
    async chargeLate({ orderId, amount, currency, token, key }: ReturnType<typeof aDeposit>['input']) {
      const response = await fetch(`${bench.sandbox.paymentUrl}/v1/charges`, {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: JSON.stringify({ amount, currency, token, metadata: { orderId } }),
      });
      expect(response.status).toBe(201);
    },
  };
}

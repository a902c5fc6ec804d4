/**
 * What holds after every fault (at most one charge, one outcome, and each for the other), read from four independent places: Kafka, the saga rows, the payment provider's own ledger and our
 * payments. Fails, too, when too little happened: a run in which everything errored must not pass.
 */
import { expect } from 'vitest';
import { applicationTables } from '../../../../prisma/application.ts';
import { fetchJson } from '../../../../packages/sagaline/dev/fetch-json.ts';
import type { Machine } from './machine.ts';

const TERMINAL = ['order.completed', 'order.rejected', 'order.cancelled'];

interface Ledger {
  readonly entries: readonly { readonly type: string; readonly orderId: string; readonly amount: number }[];
}

export interface Audit {
  readonly orders: number;
  readonly completed: number;
}

type Audited = Pick<Machine, 'addresses' | 'database' | 'events'>;

/** @param atLeast what the run must have brought about to prove anything */
export async function audit({ addresses, database, events }: Audited, atLeast: Audit): Promise<void> {
  const sagas = await database.saga.findMany({ where: { name: 'orderSaga' } });
  const { entries } = await fetchJson<Ledger>(`${addresses.paymentUrl}/v1/ledger`);
  const payments = await applicationTables(database).payment.findMany();
  const total = (orderId: string, type: string) =>
    entries
      .filter((entry) => entry.orderId === orderId && entry.type === type)
      .reduce((sum, { amount }) => sum + amount, 0);

  for (const { sagaId, state, parked } of sagas) {
    const charges = entries.filter(({ orderId, type }) => orderId === sagaId && type === 'captured').length;
    expect.soft(charges, `I1: charges of ${sagaId}`).toBeLessThanOrEqual(1);
    if (parked.length > 0) continue;
    const kept = total(sagaId, 'captured') - total(sagaId, 'refunded');
    expect.soft(kept > 0, `I1: ${sagaId} is ${state}, and the provider keeps ${kept}`).toBe(state === 'completed');
    const outcomes = new Set(events.of(sagaId, TERMINAL).map(({ eventId }) => eventId));
    expect.soft(outcomes.size, `I2: outcomes of ${sagaId} on Kafka`).toBe(1);
    const own = payments.filter(
      ({ orderId, state: stored }) => orderId === sagaId && (stored === 'charged' || stored === 'refunded'),
    );
    expect.soft(own.length, `I3: payments of ${sagaId} in our ledger`).toBe(charges);
  }
  const unknown = entries.filter(
    ({ orderId, type }) => type === 'captured' && !sagas.some(({ sagaId }) => sagaId === orderId),
  );
  expect(unknown, 'I3: charges of nobody').toEqual([]);
  expect(sagas.length).toBeGreaterThanOrEqual(atLeast.orders);
  expect(sagas.filter(({ state }) => state === 'completed').length).toBeGreaterThanOrEqual(atLeast.completed);
}

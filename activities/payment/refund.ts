import type { PaymentActivities } from './contract.ts';
import { ChargeStillOpen } from './failures.ts';
import type { GiveBack } from './give-back.ts';
import { subjectOf } from './subject.ts';
import { isIntent, type PaymentLedger, type PaymentProvider, type PaymentRow } from './ports.ts';

export interface RefundDeps {
  readonly provider: PaymentProvider;
  readonly ledger: PaymentLedger;
  readonly giveBack: GiveBack;
}

/**
 * Undoes a charge, whatever became of it: made, declined, never asked for, or asked for and never heard of again.
 *
 * The row is marked undone first, so that no attempt can make the charge stay from here on. "Nothing to undo" is only said once
 * no attempt can be on its way to the provider any more.
 *
 * @returns the amount given back, in minor units; 0 when there was nothing to undo
 * @throws RefundRefused (final); ChargeStillOpen, ProviderUnavailable (retryable)
 */
export function createRefund({ provider, ledger, giveBack }: RefundDeps): PaymentActivities['refund'] {
  return async function refund({ actionKey, key, ...paidFor }) {
    const row = await ledger.markUndone({ key: actionKey, subject: subjectOf(paidFor) });
    return { refunded: await giveBack(await settle(row), key) };
  };

  /** Finds out at the provider what became of an open intent, and records it. */
  async function settle(row: PaymentRow): Promise<PaymentRow> {
    if (row.state !== 'intent' || !isIntent(row)) return row;
    const found = await provider.findCharge(row.key);
    if (found?.status === 'captured') return ledger.recordCharge(row, found.id, { orSweep: false });
    if (found?.status === 'declined') {
      await ledger.recordDecline(row, found.reason);
      return row;
    }
    // The time was read before the provider was asked: if it was over then, the answer is the last word.
    if (row.openForMs > 0) throw new ChargeStillOpen(row.subject.id, row.openForMs);
    return row;
  }
}

import type { Failpoint } from '../failpoints.ts';
import { isIntent, type PaymentLedger, type PaymentProvider, type PaymentRow } from './ports.ts';

/** Returns what a row holds at the provider; 0 when it holds nothing. Amounts in minor units. */
export type GiveBack = (row: PaymentRow, idempotencyKey: string) => Promise<number>;

/**
 * Refunds a charged row once, whoever asks, and under however many keys.
 *
 * @throws RefundRefused (final)
 */
export function createGiveBack(provider: PaymentProvider, ledger: PaymentLedger, failpoint: Failpoint): GiveBack {
  return async function giveBack(row, idempotencyKey) {
    const { providerId } = row;
    if (!isIntent(row) || providerId === null) return 0;
    if (row.state === 'refunded') return row.amount;
    if (row.state !== 'charged') return 0;
    const { refundId } = await provider.refund({ subjectId: row.subject.id, chargeId: providerId, idempotencyKey });
    failpoint('refund.after-provider');
    await ledger.recordRefund({ ...row, providerId }, refundId);
    return row.amount;
  };
}

/** Idempotency key for giving back a charge that came after its undoing, whoever finds it. */
export function lateKeyOf(key: string): string {
  return `${key}:late`;
}

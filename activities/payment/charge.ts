import { ChargeUndone, PaymentDeclined, PaymentRejected } from '../../workflows/contracts/failures.ts';
import type { PaymentActivities } from '../../workflows/contracts/participants.ts';
import type { Failpoint } from '../failpoints.ts';
import type { GiveBack } from './give-back.ts';
import { isIntent, type Intent, type PaymentLedger, type PaymentProvider, type PaymentRow } from './ports.ts';

export interface ChargeDeps {
  readonly provider: PaymentProvider;
  readonly ledger: PaymentLedger;
  readonly giveBack: GiveBack;
  readonly failpoint: Failpoint;
  /** How long after its intent an attempt may still make a charge at the provider, in ms. */
  readonly attemptMs: number;
}

/**
 * Charges an order once, whatever the number of attempts.
 *
 * An intent is written before the provider is called. Should this attempt be abandoned and its charge land late, then either
 * the refund finds it at the provider, or this attempt finds the row marked undone and takes its own money back.
 *
 * @returns the payment's id and the amount captured, in minor units
 * @throws PaymentDeclined, PaymentRejected, ChargeUndone, KeyReused (final); ProviderUnavailable (retryable)
 */
export function createCharge({
  provider,
  ledger,
  giveBack,
  failpoint,
  attemptMs,
}: ChargeDeps): PaymentActivities['charge'] {
  return async function charge({ orderId, amount, currency, token, key }) {
    const row = await ledger.openIntent({ key, orderId, amount, currency, attemptMs });
    if (row.undone) return await refuseUndone(row);
    if (row.state === 'declined') throw new PaymentDeclined(orderId, row.declineReason ?? 'unspecified');
    if (row.providerId !== null) return { paymentId: row.providerId, amount };

    const intent: Intent = { ...row, amount, currency };
    // An attempt before this one may have charged, and its reply got lost: ask before asking for money again.
    const known = row.fresh ? undefined : await provider.findCharge(key);
    const answer = known ?? (await askForMoney(intent, token));
    failpoint('charge.after-provider');
    if (answer.status === 'declined') {
      await ledger.recordDecline(intent, answer.reason);
      throw new PaymentDeclined(orderId, answer.reason);
    }
    const charged = await ledger.recordCharge(intent, answer.id);
    if (charged.undone) return await refuseUndone(charged);
    return { paymentId: answer.id, amount };
  };

  async function askForMoney({ key, orderId, amount, currency }: Intent, token: string) {
    try {
      return await provider.charge({ orderId, amount, currency, token, idempotencyKey: key });
    } catch (error) {
      if (error instanceof PaymentRejected) await ledger.endAttempt(key);
      throw error;
    }
  }

  /** A compensation came first. What this key holds at the provider goes back, also what an attempt before this one left. */
  async function refuseUndone(row: PaymentRow): Promise<never> {
    await giveBack(await settle(row), `${row.key}:late`);
    throw new ChargeUndone(row.orderId);
  }

  async function settle(row: PaymentRow): Promise<PaymentRow> {
    if (row.state !== 'intent' || !isIntent(row)) return row;
    const found = await provider.findCharge(row.key);
    return found?.status === 'captured' ? ledger.recordCharge(row, found.id) : row;
  }
}

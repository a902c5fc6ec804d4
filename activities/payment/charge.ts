import { paymentEvents } from '../../workflows/events/payment.ts';
import { checkPayload } from '../outbox/check-payload.ts';
import type { Failpoint } from '../failpoints.ts';
import type { PaymentActivities } from './contract.ts';
import { ChargeUndone, PaymentDeclined, PaymentRejected, ProviderUnavailable } from './failures.ts';
import { lateKeyOf, type GiveBack } from './give-back.ts';
import {
  isIntent,
  type Attempt,
  type Intent,
  type PaymentLedger,
  type PaymentProvider,
  type PaymentRow,
} from './ports.ts';
import { subjectOf } from './subject.ts';

export interface ChargeDeps {
  readonly provider: PaymentProvider;
  readonly ledger: PaymentLedger;
  readonly giveBack: GiveBack;
  readonly failpoint: Failpoint;
  /** From an attempt's beginning until it has given up its last request, in ms. */
  readonly requestsMs: number;
  /** From then on until the provider has done, too, what it was doing for that request, in ms. */
  readonly settleMs: number;
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
  requestsMs,
  settleMs,
}: ChargeDeps): PaymentActivities['charge'] {
  return async function charge({ amount, currency, token, key, ...paidFor }) {
    const subject = subjectOf(paidFor);
    refuseUntellable({ subject, amount, currency });
    // From before the intent, whose own clock is the database's: our time is over before anybody believes that it is.
    const endsAt = performance.now() + requestsMs;
    const attemptMs = requestsMs + settleMs;
    const row = await ledger.openIntent({ key, subject, amount, currency, attemptMs });
    if (row.undone) return await refuseUndone(row);
    if (row.state === 'declined') throw new PaymentDeclined(subject.id, row.declineReason ?? 'unspecified');
    if (row.providerId !== null) return { paymentId: row.providerId, amount };

    const intent = { ...row, amount, currency };
    // An attempt before this one may have charged, and its reply got lost: ask before asking for money again.
    const known = row.fresh ? undefined : await provider.findCharge(key);
    const answer = known ?? (await askForMoney(intent, token, endsAt));
    failpoint('charge.after-provider');
    if (answer.status === 'declined') {
      await ledger.recordDecline(intent, answer.reason);
      throw new PaymentDeclined(subject.id, answer.reason);
    }
    const charged = await ledger.recordCharge(intent, answer.id, { orSweep: true });
    if (charged.undone) return await refuseUndone(charged);
    return { paymentId: answer.id, amount };
  };

  async function askForMoney(intent: Intent & Attempt, token: string, endsAt: number) {
    const { key, subject, amount, currency } = intent;
    const withinMs = Math.floor(endsAt - performance.now());
    // This process was frozen, or the database slow: a refund may have found nothing by now, and would never look again.
    if (withinMs < 1) throw new ProviderUnavailable('the attempt was out of time before it asked');
    try {
      return await provider.charge({ subjectId: subject.id, amount, currency, token, idempotencyKey: key, withinMs });
    } catch (error) {
      if (error instanceof PaymentRejected) await ledger.endAttempt(intent);
      throw error;
    }
  }

  /** A compensation came first. What this key holds at the provider goes back, also what an attempt before this one left. */
  async function refuseUndone(row: PaymentRow): Promise<never> {
    await giveBack(await settle(row), lateKeyOf(row.key));
    throw new ChargeUndone(row.subject.id);
  }

  async function settle(row: PaymentRow): Promise<PaymentRow> {
    if (row.state !== 'intent' || !isIntent(row)) return row;
    const found = await provider.findCharge(row.key);
    return found?.status === 'captured' ? ledger.recordCharge(row, found.id, { orSweep: true }) : row;
  }
}

/** Money must not move of which no event could tell: what is wrong with it is wrong for good. */
function refuseUntellable({ subject, amount, currency }: Pick<Intent, 'subject' | 'amount' | 'currency'>): void {
  const money = { orderId: subject.id, subject, amount, currency };
  const { fault } = checkPayload(paymentEvents['payment.declined'], { ...money, reason: 'unspecified' });
  if (fault !== undefined) throw new PaymentRejected(subject.id, 'invalid_request');
}

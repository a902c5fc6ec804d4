/** Charge and refund: the barrier in front of the provider. */
import { type Barrier, type BarrierFailures, checkPayload, createBarrier, type Failpoint, type Http } from 'sagaline';
import { paymentEvents } from '../../workflows/events/payment.ts';
import { callsOf, type Charged, type ChargeRow, type Charging, type Refunded } from './calls.ts';
import type { PaymentActivities } from './contract.ts';
import { ChargeStillOpen, ChargeUndone, PaymentDeclined, PaymentRejected, ProviderUnavailable } from './failures.ts';
import type { PaymentLedger, PaymentProvider, ProviderCharge } from './ports.ts';
import { subjectOf } from './subject.ts';

export interface ChargesDeps {
  readonly provider: PaymentProvider;
  readonly ledger: PaymentLedger;
  readonly http: Http;
  readonly failpoint: Failpoint;
  /** For one request to the provider, in ms. */
  readonly timeoutMs: number;
  /** For how long the provider may go on with what it was asked for when its client has gone, in ms. */
  readonly settleMs: number;
}

export type Charges = Barrier<Charging, ProviderCharge, ChargeRow, Charged>;

/** Names that are in histories and outcomes. */
const failures: BarrierFailures<ChargeRow> = {
  undone: ({ payment }) => new ChargeUndone(payment.subject.id),
  stillOpen: ({ payment, openForMs }) => new ChargeStillOpen(payment.subject.id, openForMs),
  noAnswer: (what) => new ProviderUnavailable(what),
};

/**
 * Charges once, whatever the number of attempts, and undoes a charge, whatever became of it: made, declined, never asked for, or
 * asked for and never heard of again.
 */
export function createCharges({ provider, ledger, ...deps }: ChargesDeps): Charges {
  return createBarrier<Charging, ProviderCharge, ChargeRow, Charged, Refunded>(
    {
      do: ({ subject, amount, currency, token }, { key, withinMs }) =>
        provider.charge({ subjectId: subject.id, amount, currency, token, idempotencyKey: key, withinMs }),
      find: ({ key }) => provider.findCharge(key),
      undo(answer, { key }, { payment }) {
        if (answer.status === 'declined') throw new TypeError(`payment ${payment.key} was declined: nothing to refund`);
        return provider.refund({ subjectId: payment.subject.id, chargeId: answer.id, idempotencyKey: key });
      },
    },
    { ...deps, store: callsOf(ledger), name: 'payment.charge', failures },
  );
}

/** What sagas call. */
export function createPaymentActivities(charges: Charges): PaymentActivities {
  return {
    async charge({ amount, currency, token, key, ...paidFor }) {
      const subject = subjectOf(paidFor);
      refuseUntellable({ subject, amount, currency });
      const answer = await charges.act(key, { subject, amount, currency, token });
      if (answer.status === 'declined') throw new PaymentDeclined(subject.id, answer.reason);
      return { paymentId: answer.id, amount };
    },
    async refund({ actionKey, key: _, ...paidFor }) {
      const returned = await charges.undo(actionKey, { subject: subjectOf(paidFor) });
      return { refunded: returned?.payment.amount ?? 0 };
    },
  };
}

/** Money must not move of which no event could tell: what is wrong with it is wrong for good. */
function refuseUntellable({ subject, amount, currency }: Omit<Charging, 'token'>): void {
  const money = { orderId: subject.id, subject, amount, currency };
  const { fault } = checkPayload(paymentEvents['payment.declined'], { ...money, reason: 'unspecified' });
  if (fault !== undefined) throw new PaymentRejected(subject.id, 'invalid_request');
}

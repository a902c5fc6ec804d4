/** Our ledger as the memory of the barrier: a charge is a call, and what moves money is told in the statement that records it. */
import type { CallRow, CallStore } from 'sagaline';
import type { Subject } from './contract.ts';
import { isIntent, type Intent, type PaymentLedger, type PaymentRow, type ProviderCharge } from './ports.ts';

/** What is charged for, in minor units, and with which card. */
export interface Charging {
  readonly subject: Subject;
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
}

export interface ChargeRow extends CallRow<ProviderCharge> {
  readonly payment: PaymentRow;
}

/** What a refund says of its charge. */
export interface Charged {
  readonly subject: Subject;
}

/** What the provider says of a refund. */
export interface Refunded {
  readonly refundId: string;
}

export function callsOf(ledger: PaymentLedger): CallStore<Charging, ProviderCharge, ChargeRow, Charged, Refunded> {
  return {
    async open(key, { subject, amount, currency }, attemptMs) {
      const { attemptId, fresh, ...payment } = await ledger.openIntent({ key, subject, amount, currency, attemptMs });
      return { ...toCall(payment), attemptId, fresh };
    },
    async markUndone(key, { subject }) {
      return toCall(await ledger.markUndone({ key, subject }));
    },
    async answered(call, answer, options) {
      const intent = intentOf(call);
      if (answer.status === 'captured') return toCall(await ledger.recordCharge(intent, answer.id, options));
      await ledger.recordDecline(intent, answer.reason);
      return { ...call, state: 'declined', answer };
    },
    async takenBack(call, { refundId }) {
      const { providerId } = call.payment;
      if (providerId === null) throw new TypeError(`payment ${call.key} was refunded without a charge`);
      await ledger.recordRefund({ ...intentOf(call), providerId }, refundId);
    },
    endAttempt: (attempt) => ledger.endAttempt(attempt),
    async takeUnsettled(limit) {
      const rows = await ledger.takeUnsettled({ limit });
      return rows.map(({ sweeps, ...payment }) => ({ ...toCall(payment), sweeps }));
    },
    sweepAgainAfter: (key, ms) => ledger.sweepAgainAfter(key, ms),
  };
}

const STATES = { intent: 'intent', charged: 'done', declined: 'declined', refunded: 'undone' } as const;

function toCall(payment: PaymentRow): ChargeRow {
  const { key, state, undone, openForMs } = payment;
  return { key, state: STATES[state], asked: isIntent(payment), undone, answer: answerOf(payment), openForMs, payment };
}

function answerOf({ state, providerId, declineReason }: PaymentRow): ProviderCharge | null {
  if (state === 'declined') return { status: 'declined', reason: declineReason ?? 'unspecified' };
  return providerId === null ? null : { status: 'captured', id: providerId };
}

function intentOf({ payment }: ChargeRow): Intent {
  if (!isIntent(payment))
    throw new TypeError(`payment ${payment.key} has an answer in state ${payment.state} without an amount`);
  return payment;
}

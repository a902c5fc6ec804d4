/** Refunds: one per Idempotency-Key, and never more than was captured. */
import { randomUUID } from 'node:crypto';
import { hashOf, keyReused, SandboxError, type Delivery } from '../http.ts';
import { createKeyedLock } from '../keyed-lock.ts';
import { createKeysInUse } from '../keys-in-use.ts';
import type { ChargeEntry, Ledger, RefundEntry } from './ledger.ts';
import { behaviourOf } from './tokens.ts';

export interface RefundResult {
  readonly refund: RefundEntry;
  readonly delivery: Delivery;
}

export function createRefundDesk(ledger: Ledger) {
  const useKey = createKeysInUse();
  /** By charge: refunds under several keys must not give back more than there is. */
  const oneAtATime = createKeyedLock();

  /** Refuses or fails as the charge's token says, and counts it, until somebody allows refunds of the order. */
  async function obeyToken(charge: ChargeEntry): Promise<void> {
    const behaviour = behaviourOf(charge.token)?.refund;
    if (behaviour?.kind !== 'refuse' && behaviour?.kind !== 'fail') return;
    const { chargeId, orderId } = charge;
    if (ledger.refundsAllowed(orderId) || ledger.refusalsOf(chargeId) >= behaviour.times) return;
    await ledger.append({ type: 'refund-refused', at: new Date().toISOString(), chargeId, orderId });
    if (behaviour.kind === 'fail') throw new SandboxError(500, 'internal_error', 'the refund failed');
    throw new SandboxError(422, 'refund_refused', 'the refund was refused', { reason: 'refund_refused_by_issuer' });
  }

  function remainingOf(charge: ChargeEntry): number {
    const refunds = ledger.refundsOf(charge.chargeId);
    const remaining = charge.amount - refunds.reduce((total, { amount }) => total + amount, 0);
    if (remaining > 0) return remaining;
    throw new SandboxError(409, 'already_refunded', 'the charge was refunded before', {
      refundId: refunds.at(-1)?.refundId,
    });
  }

  async function make(key: string, chargeId: string, amountWanted: number | undefined): Promise<RefundResult> {
    const charge = ledger.charge(chargeId);
    if (charge?.type !== 'captured') throw new SandboxError(404, 'charge_not_found', 'no such captured charge');
    const requestHash = hashOf({ chargeId, amount: amountWanted });
    const known = ledger.refundByKey(key);
    if (known && known.requestHash !== requestHash) throw keyReused();
    if (known) return { refund: known, delivery: 'reply' };

    const remaining = remainingOf(charge);
    const amount = amountWanted ?? remaining;
    if (amount > remaining) {
      throw new SandboxError(422, 'amount_too_large', 'more than is left of the charge', { remaining });
    }
    await obeyToken(charge);
    const refund = await ledger.append({
      type: 'refunded',
      at: new Date().toISOString(),
      refundId: `re_${randomUUID()}`,
      chargeId,
      orderId: charge.orderId,
      amount,
      currency: charge.currency,
      idempotencyKey: key,
      requestHash,
    });
    const lost = behaviourOf(charge.token)?.refund.kind === 'reset';
    return { refund, delivery: lost ? 'reset' : 'reply' };
  }

  return {
    /** @throws SandboxError 404, 409 (key in use, already refunded), 422 (key reused, refused, too much), 500 */
    create(key: string, chargeId: string, request: { amount?: number | undefined }): Promise<RefundResult> {
      return useKey(key, () => oneAtATime(chargeId, () => make(key, chargeId, request.amount)));
    },
  };
}

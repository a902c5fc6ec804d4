/** Charges: one per Idempotency-Key, whatever the number of calls; one that comes while another is handled is turned away. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { hashOf, keyReused, SandboxError, type Delivery } from '../http.ts';
import { createKeysInUse } from '../keys-in-use.ts';
import type { ChargeEntry, Ledger } from './ledger.ts';
import { behaviourOf, type ChargeBehaviour } from './tokens.ts';

export interface ChargeRequest {
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
  readonly metadata: { readonly orderId: string };
}

export interface ChargeResult {
  readonly charge: ChargeEntry;
  readonly delivery: Delivery;
}

export function createChargeDesk(ledger: Ledger) {
  const useKey = createKeysInUse();
  /** Calls that tok_flaky turned away, by key: a restart of the sandbox begins anew. */
  const turnedAway = new Map<string, number>();

  async function make(key: string, request: ChargeRequest, behaviour: ChargeBehaviour): Promise<ChargeEntry> {
    if (behaviour.kind === 'unavailable') {
      const before = turnedAway.get(key) ?? 0;
      turnedAway.set(key, before + 1);
      if (before < behaviour.times) throw new SandboxError(503, 'unavailable', 'try again');
    }
    // A slow provider finishes what it began, also when the client has gone.
    if (behaviour.kind === 'slow') await delay(behaviour.delayMs);
    const { amount, currency, token, metadata } = request;
    return ledger.append({
      type: behaviour.kind === 'decline' ? 'declined' : 'captured',
      at: new Date().toISOString(),
      chargeId: `ch_${randomUUID()}`,
      orderId: metadata.orderId,
      amount,
      currency,
      token,
      idempotencyKey: key,
      requestHash: hashOf(request),
      ...(behaviour.kind === 'decline' ? { reason: behaviour.reason } : {}),
    });
  }

  return {
    /** @throws SandboxError 400, 409 (key in use), 422 (key reused), 503 */
    async create(key: string, request: ChargeRequest): Promise<ChargeResult> {
      const behaviour = behaviourOf(request.token)?.charge;
      if (!behaviour) throw new SandboxError(400, 'invalid_token', 'the token is no test token; see sandbox/README.md');
      return useKey(key, async () => {
        const known = ledger.chargeByKey(key);
        if (known && known.requestHash !== hashOf(request)) throw keyReused();
        const charge = known ?? (await make(key, request, behaviour));
        return { charge, delivery: deliveryOf(behaviour, known !== undefined) };
      });
    },
  };
}

function deliveryOf(behaviour: ChargeBehaviour, known: boolean): Delivery {
  if (behaviour.kind === 'hang') return behaviour.once && known ? 'reply' : 'hang';
  return behaviour.kind === 'reset' && !known ? 'reset' : 'reply';
}

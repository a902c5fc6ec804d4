/** Test tokens: the way payment sandboxes let a client choose what happens. The table for people is in sandbox/README.md. */

/** What a token makes of a charge. `once` is meant per charge: the next call for the same charge is answered normally. */
export type ChargeBehaviour =
  | { readonly kind: 'ok' }
  | { readonly kind: 'decline'; readonly reason: string }
  | { readonly kind: 'hang'; readonly once: boolean }
  | { readonly kind: 'reset' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'unavailable'; readonly times: number };

/** What a token makes of a refund; `times` counts calls per charge, until POST /v1/sandbox/refunds/allow. */
export type RefundBehaviour =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refuse'; readonly times: number }
  | { readonly kind: 'fail'; readonly times: number }
  | { readonly kind: 'reset' };

export interface TokenBehaviour {
  readonly charge: ChargeBehaviour;
  readonly refund: RefundBehaviour;
}

const OK = { kind: 'ok' } as const;
const ALWAYS = Number.POSITIVE_INFINITY;

const charges: Readonly<Record<string, ChargeBehaviour>> = {
  tok_ok: OK,
  tok_declined: { kind: 'decline', reason: 'card_declined' },
  tok_insufficient_funds: { kind: 'decline', reason: 'insufficient_funds' },
  tok_timeout: { kind: 'hang', once: false },
  tok_timeout_once: { kind: 'hang', once: true },
  tok_lost_reply: { kind: 'reset' },
  tok_slow: { kind: 'slow', delayMs: 2_000 },
  tok_flaky: { kind: 'unavailable', times: 2 },
};

const refunds: Readonly<Record<string, RefundBehaviour>> = {
  tok_refund_refused: { kind: 'refuse', times: ALWAYS },
  tok_refund_refused_once: { kind: 'refuse', times: 1 },
  tok_refund_refused_twice: { kind: 'refuse', times: 2 },
  tok_refund_500: { kind: 'fail', times: ALWAYS },
  tok_refund_flaky: { kind: 'fail', times: 2 },
  tok_refund_lost_reply: { kind: 'reset' },
};

/** @returns undefined for a token that is in no table */
export function behaviourOf(token: string): TokenBehaviour | undefined {
  const charge = Object.hasOwn(charges, token) ? charges[token] : slow(token);
  if (charge) return { charge, refund: OK };
  const refund = Object.hasOwn(refunds, token) ? refunds[token] : undefined;
  return refund && { charge: OK, refund };
}

/** `tok_slow_<ms>`, at most a minute. */
function slow(token: string): ChargeBehaviour | undefined {
  const ms = /^tok_slow_([0-9]{1,5})$/.exec(token)?.[1];
  return ms !== undefined && Number(ms) <= 60_000 ? { kind: 'slow', delayMs: Number(ms) } : undefined;
}

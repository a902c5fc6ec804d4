/** The payment provider over HTTP. Its API is described in sandbox/README.md. */
import { z } from 'zod';
import { KeyReused, PaymentRejected, RefundRefused } from '../../workflows/contracts/failures.ts';
import { ProviderUnavailable } from './failures.ts';
import type { PaymentProvider, ProviderCharge } from './ports.ts';

/** Codes travel into outcomes and histories: what does not look like one is not passed on. */
const Code = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/)
  .catch('unspecified');

const Charge = z.discriminatedUnion('status', [
  z.object({ status: z.literal('captured'), id: z.string().min(1) }),
  z.object({ status: z.literal('declined'), reason: Code }),
]);
const Charges = z.object({ charges: z.array(Charge) });
const Refund = z.object({ id: z.string().min(1) });
const Failure = z.object({
  error: z.object({ code: Code, reason: Code.optional(), refundId: z.string().optional() }),
});
type Refusal = z.infer<typeof Failure>['error'];

/** Refusals of the request itself. The rest (credentials, rate limits, our time-out, its errors) may be mended meanwhile. */
const FINAL = new Set([400, 402, 404, 409, 410, 422]);

type Answer<T> = { readonly ok: T } | { readonly refused: Refusal; readonly status: number };

export interface HttpProviderOptions {
  readonly url: string;
  /** For one request, in ms. */
  readonly timeoutMs: number;
}

export function createHttpProvider({ url, timeoutMs }: HttpProviderOptions): PaymentProvider {
  async function ask<T>(path: string, schema: z.ZodType<T>, post?: { key: string; body: unknown }): Promise<Answer<T>> {
    const response = await fetchJson(new URL(path, url), timeoutMs, post);
    if (response.ok) return { ok: parse(schema, response.body) };
    if (!FINAL.has(response.status)) throw new ProviderUnavailable(`HTTP ${response.status}`);
    return { refused: parse(Failure, response.body).error, status: response.status };
  }

  return {
    async charge({ orderId, amount, currency, token, idempotencyKey }) {
      const body = { amount, currency, token, metadata: { orderId } };
      const answer = await ask('/v1/charges', Charge, { key: idempotencyKey, body });
      if ('ok' in answer) return answer.ok;
      const { refused, status } = answer;
      if (status === 402) return { status: 'declined', reason: refused.reason ?? refused.code };
      if (refused.code === 'idempotency_key_reused') throw new KeyReused(idempotencyKey);
      throw new PaymentRejected(orderId, refused.code);
    },

    async findCharge(idempotencyKey): Promise<ProviderCharge | undefined> {
      const answer = await ask(`/v1/charges?idempotencyKey=${encodeURIComponent(idempotencyKey)}`, Charges);
      if ('ok' in answer) return answer.ok.charges[0];
      throw new ProviderUnavailable(`the look-up was refused: ${answer.refused.code}`);
    },

    async refund({ orderId, chargeId, idempotencyKey }) {
      const path = `/v1/charges/${encodeURIComponent(chargeId)}/refunds`;
      const answer = await ask(path, Refund, { key: idempotencyKey, body: {} });
      if ('ok' in answer) return { refundId: answer.ok.id };
      const { code, reason, refundId } = answer.refused;
      // The money is back already, by a refund under another key: that is what was wanted.
      if (code === 'already_refunded' && refundId) return { refundId };
      throw new RefundRefused(orderId, reason ?? code);
    },
  };
}

interface JsonResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly body: unknown;
}

async function fetchJson(url: URL, timeoutMs: number, post?: { key: string; body: unknown }): Promise<JsonResponse> {
  const init: RequestInit = post
    ? {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': post.key },
        body: JSON.stringify(post.body),
      }
    : {};
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    return { ok: response.ok, status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  } catch (error) {
    throw new ProviderUnavailable(nameOf(error));
  }
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.') || 'body');
  throw new ProviderUnavailable(`unexpected reply, see ${fields.join(', ')}`);
}

/** The name only: messages of other libraries may quote what was sent. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}

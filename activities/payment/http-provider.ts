/** The payment provider over HTTP. Its API is described in sandbox/README.md. */
import { z } from 'zod';
import { type BoundedAnswer, boundedFetch, type BoundedRequest, KeyReused } from 'sagaline';
import { isStorable } from 'sagaline/workflow';
import { PaymentRejected, ProviderUnavailable, RefundRefused } from './failures.ts';
import type { PaymentProvider, ProviderCharge } from './ports.ts';

/** Codes travel into outcomes and histories: what does not look like one is not passed on. */
const Code = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/)
  .catch('unspecified');

/** The provider's own ids, which are stored and put into addresses. */
const ProviderId = z.string().min(1).max(255).refine(isStorable);

const Charge = z.discriminatedUnion('status', [
  z.object({ status: z.literal('captured'), id: ProviderId }),
  z.object({ status: z.literal('declined'), reason: Code }),
]);
const Charges = z.object({ charges: z.array(Charge) });
const Refund = z.object({ id: ProviderId });
const Failure = z.object({
  error: z.object({ code: Code, reason: Code.optional(), refundId: ProviderId.optional() }),
});
type Refusal = z.infer<typeof Failure>['error'];

/**
 * Refusals of the request itself. The rest may be mended meanwhile, or the money may have moved: credentials, rate limits, our
 * time-out, its errors, and above all 409: a request with this key is being handled, and may charge yet. (So Stripe, whose code is
 * idempotency_key_in_use, and draft-ietf-httpapi-idempotency-key-header, which has 422 for a key with another request.)
 */
const FINAL = new Set([400, 402, 404, 410, 422]);
/** Conflicts that are an answer; every other 409 is none yet. */
const FINAL_CONFLICTS = new Set(['idempotency_key_reused', 'already_refunded']);

type Answer<T> = { readonly ok: T } | { readonly refused: Refusal; readonly status: number };

export interface HttpProviderOptions {
  readonly url: string;
  /** Undefined: the provider wants none. */
  readonly apiKey?: string | undefined;
  /** For one request, in ms, from the connection to the answer's last byte. */
  readonly timeoutMs: number;
}

export function createHttpProvider({ url, apiKey, timeoutMs }: HttpProviderOptions): PaymentProvider {
  async function ask<T>(
    path: string,
    schema: z.ZodType<T>,
    { withinMs = timeoutMs, post }: Question = {},
  ): Promise<Answer<T>> {
    const { ok, status, body } = await fetchJson(new URL(path, url), {
      withinMs: Math.min(withinMs, timeoutMs),
      post,
      apiKey,
    });
    if (ok) return { ok: parse(schema, body) };
    const refused = Failure.safeParse(body).data?.error;
    const conflict = status === 409 && refused !== undefined && FINAL_CONFLICTS.has(refused.code);
    if (!conflict && !FINAL.has(status)) throw new ProviderUnavailable(`HTTP ${status}${codeOf(refused)}`);
    return { refused: refused ?? parse(Failure, body).error, status };
  }

  return {
    async charge({ subjectId, amount, currency, token, idempotencyKey, withinMs }) {
      const body = { amount, currency, token, metadata: { orderId: subjectId } };
      const answer = await ask('/v1/charges', Charge, { withinMs, post: { idempotencyKey, body } });
      if ('ok' in answer) return answer.ok;
      const { refused, status } = answer;
      if (status === 402) return { status: 'declined', reason: refused.reason ?? refused.code };
      if (refused.code === 'idempotency_key_reused') throw new KeyReused(idempotencyKey);
      throw new PaymentRejected(subjectId, refused.code);
    },

    async findCharge(idempotencyKey): Promise<ProviderCharge | undefined> {
      const answer = await ask(`/v1/charges?idempotencyKey=${encodeURIComponent(idempotencyKey)}`, Charges);
      if ('ok' in answer) return answer.ok.charges[0];
      throw new ProviderUnavailable(`the look-up was refused: ${answer.refused.code}`);
    },

    async refund({ subjectId, chargeId, idempotencyKey }) {
      const path = `/v1/charges/${encodeURIComponent(chargeId)}/refunds`;
      const answer = await ask(path, Refund, { post: { idempotencyKey, body: {} } });
      if ('ok' in answer) return { refundId: answer.ok.id };
      const { code, reason, refundId } = answer.refused;
      // The money is back already, by a refund under another key: that is what was wanted.
      if (code === 'already_refunded' && refundId) return { refundId };
      throw new RefundRefused(subjectId, reason ?? code);
    },
  };
}

interface Question {
  /** For this request, in ms, where that is less than the options say. */
  readonly withinMs?: number | undefined;
  readonly post?: BoundedRequest['post'];
}

interface JsonAnswer extends Omit<BoundedAnswer, 'text'> {
  readonly body: unknown;
}

async function fetchJson(url: URL, request: BoundedRequest): Promise<JsonAnswer> {
  try {
    const { text, ...answer } = await boundedFetch(url, request);
    return { ...answer, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  } catch (error) {
    throw new ProviderUnavailable(nameOf(error));
  }
}

function codeOf(refused: Refusal | undefined): string {
  return refused ? ` ${refused.code}` : '';
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

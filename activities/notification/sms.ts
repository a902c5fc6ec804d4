/** Text messages over the carrier's HTTP API, described in sandbox/README.md. */
import { z } from 'zod';
import { type BoundedAnswer, boundedFetch, type BoundedRequest } from 'sagaline';
import { NotDelivered } from './failures.ts';
import { Refused, type Carrier } from './ports.ts';

export interface SmsOptions {
  readonly smsUrl: string;
  /** Undefined: the carrier wants none. */
  readonly apiKey?: string | undefined;
}

const Failure = z.object({
  error: z.object({
    code: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/)
      .catch('unspecified'),
  }),
});

/** About the number or the text, if the carrier says so and not a proxy before it; anything else may be mended. */
const FINAL = new Set([400, 404, 410, 422]);

/**
 * Refusals of the request as it came: the carrier did not begin. Not among them, although they are 4xx: 408 (it stopped reading
 * somewhere) and 409 (the key is in use: an attempt before this one is being sent, or was).
 */
const NOT_BEGUN = new Set([401, 403, 405, 406, 411, 413, 414, 415, 421, 423, 425, 426, 429, 431, 451, 503]);

export function createSmsCarrier({ smsUrl, apiKey }: SmsOptions): Carrier {
  return {
    async send({ messageId, recipient, content, withinMs }) {
      const { ok, status, text } = await post(new URL('/v1/messages', smsUrl), {
        post: { idempotencyKey: messageId, body: { to: recipient, text: content.short } },
        ...{ withinMs, apiKey },
      });
      if (ok) return;
      const code = codeOf(text);
      if (code !== undefined && FINAL.has(status)) throw new Refused(`sms_${code}`);
      throw new NotDelivered(`sms_http_${status}`, NOT_BEGUN.has(status));
    },
    close: () => undefined,
  };
}

async function post(url: URL, request: BoundedRequest): Promise<BoundedAnswer> {
  try {
    return await boundedFetch(url, request);
  } catch (error) {
    throw new NotDelivered(error instanceof Error ? error.name : 'unknown', false);
  }
}

/** Undefined for what is no answer of the carrier's. */
function codeOf(text: string): string | undefined {
  try {
    return Failure.safeParse(JSON.parse(text)).data?.error.code;
  } catch {
    return undefined;
  }
}

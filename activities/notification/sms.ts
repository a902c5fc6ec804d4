/** Text messages over the carrier's HTTP API, described in sandbox/README.md. */
import { z } from 'zod';
import { NotDelivered } from './failures.ts';
import { Refused, type Carrier } from './ports.ts';

export interface SmsOptions {
  readonly smsUrl: string;
  /** For one attempt, in ms. */
  readonly timeoutMs: number;
}

const Failure = z.object({ error: z.object({ code: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/) }) });

/** About the number or the text; anything else may be mended. */
const FINAL = new Set([400, 404, 410, 422]);

export function createSmsCarrier({ smsUrl, timeoutMs }: SmsOptions): Carrier {
  return {
    async send({ messageId, recipient, content }) {
      const response = await post(new URL('/v1/messages', smsUrl), timeoutMs, messageId, {
        to: recipient,
        text: content.short,
      });
      if (response.ok) return;
      const code = Failure.safeParse(await response.json().catch(() => undefined)).data?.error.code ?? 'unspecified';
      if (FINAL.has(response.status)) throw new Refused(`sms_${code}`);
      // The carrier answered that it did not take the message; only a server error leaves that open.
      throw new NotDelivered(`sms_http_${response.status}`, response.status < 500 || response.status === 503);
    },
    close: () => undefined,
  };
}

async function post(url: URL, timeoutMs: number, idempotencyKey: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new NotDelivered(error instanceof Error ? error.name : 'unknown', false);
  }
}

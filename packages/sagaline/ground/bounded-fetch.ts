/** HTTP to participants' far ends: an answer that comes in time and has a size, or an error. */

/** Answers of providers and carriers are some hundred bytes; what is larger is none of theirs. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** The whole answer. */
export interface BoundedAnswer {
  /** Whether the status is one of 2xx. */
  readonly ok: boolean;
  readonly status: number;
  /** The body; of 64 KiB at most. */
  readonly text: string;
}

/** The answer is larger than any of theirs. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/** How it is asked for. */
export interface BoundedRequest {
  /** For everything, from the connection to the last byte of the answer, in ms. */
  readonly withinMs: number;
  /** POST when there is one, else GET. */
  readonly post?: { readonly idempotencyKey: string; readonly body: unknown } | undefined;
  /** Instead of POST; DELETE sends no body. */
  readonly method?: 'PUT' | 'DELETE' | undefined;
  /** Ours at the far end, as `Authorization: Bearer`. */
  readonly apiKey?: string | undefined;
}

/**
 * Asks, and reads the whole answer. Redirects are errors: a POST must not go where the configuration does not say.
 *
 * @throws TimeoutError, AnswerTooLarge, TypeError (network); their messages may quote what was sent
 */
export async function boundedFetch(
  url: URL,
  { withinMs, post, method, apiKey }: BoundedRequest,
): Promise<BoundedAnswer> {
  const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const init: RequestInit = post
    ? {
        method: method ?? 'POST',
        headers: { ...authorization, 'content-type': 'application/json', 'idempotency-key': post.idempotencyKey },
        ...(method === 'DELETE' ? {} : { body: JSON.stringify(post.body) }),
      }
    : { headers: authorization };
  const response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(withinMs) });
  return { ok: response.ok, status: response.status, text: await readBounded(response) };
}

/** Counts what arrives, unpacked: what a header announces may be wrong, and what is compressed grows. */
async function readBounded(response: Response): Promise<string> {
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (!body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, and with it the connection.
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new AnswerTooLarge(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

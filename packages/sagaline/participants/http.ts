/** HTTP as participants need it: bounded, with an idempotency key, and with failures that say whether to try again. */
import { ApplicationFailure } from '@temporalio/common';
import { FinalFailure } from '../contracts/failures.ts';
import { boundedFetch, type BoundedAnswer } from '../ground/bounded-fetch.ts';

/** No usable answer: a time-out, a broken connection, an error that may pass, or a reply that makes no sense. Retryable. */
export class NoUsableAnswer extends ApplicationFailure {
  /** @param what of whom and why, without anything that was sent */
  constructor(what: string) {
    super(`no usable answer: ${what}`, 'NoUsableAnswer', false);
  }
}

/** The far end refuses the request as it is, and would refuse it again. */
export class RequestRefused extends FinalFailure {
  constructor(host: string, status: number) {
    super('RequestRefused', `${host} refused the request: HTTP ${status}`);
  }
}

/** How something is asked for. */
export interface HttpRequest {
  /** For everything, from the connection to the last byte of the answer, in ms; 5 seconds unless told. */
  readonly withinMs?: number | undefined;
  /** Ours at the far end, as `Authorization: Bearer`. */
  readonly apiKey?: string | undefined;
  /** Statuses outside of 2xx that are an answer to the caller, and no failure. */
  readonly answers?: readonly number[] | undefined;
}

/** A request that changes something. */
export interface HttpPost extends HttpRequest {
  /** Sent as `Idempotency-Key`: the same at every attempt. */
  readonly key: string;
  /** Sent as JSON. */
  readonly body: unknown;
}

/** An answer that is one to the caller: 2xx, or a status that it named. */
export interface HttpAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Parsed JSON; undefined where there was none. Not checked: give it to a schema. */
  readonly body: unknown;
}

/**
 * Every method throws NoUsableAnswer (retryable) when the far end may have done what it was asked, or may do it later: also for
 * 409, which says of most providers that a request with this key is being handled. RequestRefused (final) for 400, 402, 404, 410
 * and 422 that the caller does not name in `answers`.
 */
export interface Http {
  /** Asks, and changes nothing. */
  get(url: string | URL, request?: HttpRequest): Promise<HttpAnswer>;
  /** Changes something, once for its key. */
  post(url: string | URL, request: HttpPost): Promise<HttpAnswer>;
  /** Makes what the URL names, for far ends at which callers choose the name, such as the key. */
  put(url: string | URL, request: HttpPost): Promise<HttpAnswer>;
  /** Removes what the URL names. */
  delete(url: string | URL, request: Omit<HttpPost, 'body'>): Promise<HttpAnswer>;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/** Refusals of the request itself. The rest may be mended meanwhile: credentials, rate limits, time-outs, errors, a key in use. */
const FINAL: ReadonlySet<number> = new Set([400, 402, 404, 410, 422]);

export function createHttp(): Http {
  async function ask(
    url: URL,
    { withinMs = DEFAULT_TIMEOUT_MS, apiKey, answers = [] }: HttpRequest,
    sent?: { readonly idempotencyKey: string; readonly body: unknown },
    method?: 'PUT' | 'DELETE',
  ) {
    const { ok, status, text } = await within(url.host, boundedFetch(url, { withinMs, apiKey, post: sent, method }));
    if (!ok && !answers.includes(status)) {
      if (FINAL.has(status)) throw new RequestRefused(url.host, status);
      throw new NoUsableAnswer(`HTTP ${status} from ${url.host}`);
    }
    return { status, body: bodyOf(text, ok, url.host) };
  }

  return {
    get: (url, request = {}) => ask(new URL(url), request),
    post: (url, request) => ask(new URL(url), request, sentBy(request)),
    put: (url, request) => ask(new URL(url), request, sentBy(request), 'PUT'),
    delete: (url, request) => ask(new URL(url), request, { idempotencyKey: request.key, body: undefined }, 'DELETE'),
  };
}

const sentBy = ({ key, body }: HttpPost) => ({ idempotencyKey: key, body });

async function within(host: string, answer: Promise<BoundedAnswer>): Promise<BoundedAnswer> {
  try {
    return await answer;
  } catch (error) {
    // The name only: messages of other libraries may quote what was sent.
    throw new NoUsableAnswer(`${error instanceof Error ? error.name : 'unknown error'} of ${host}`);
  }
}

/** What is refused often comes as a page of a proxy; what is granted has to be JSON. */
function bodyOf(text: string, ok: boolean, host: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (ok) throw new NoUsableAnswer(`a reply of ${host} that is no JSON`);
    return undefined;
  }
}

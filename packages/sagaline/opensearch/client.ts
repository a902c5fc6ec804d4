import { setTimeout } from 'node:timers/promises';
import { SearchUnavailable } from '../pipeline/search/search-index.ts';

export interface OpenSearchOptions {
  /** May carry user and password. */
  readonly url: string;
  /** For one request. */
  readonly timeoutMs?: number;
  /** Pause before the second attempt; it doubles for each further one. */
  readonly backoffMs?: number;
  readonly attempts?: number;
}

/** Bytes of an answer that are read: some pages of the longest documents. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The answer is larger than anything that was asked for in its kind: ask for less. */
export class AnswerTooLarge extends SearchUnavailable {}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface OpenSearchClient {
  /**
   * @param body JSON, or lines of it as NDJSON
   * @throws SearchUnavailable when no attempt was answered by something better than "later" (429, 502, 503, 504)
   * @throws AnswerTooLarge when it was answered at a length that is not read
   */
  request(method: 'GET' | 'POST' | 'PUT', path: string, body: object | string): Promise<Answer>;
  /** Waits before attempt `attempt` (0 is the first), for what was put off within an answer. False: that was the last. */
  pause(attempt: number): Promise<boolean>;
}

const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** OpenSearch over HTTP: bounded in time, tried again where that can help. */
export function createOpenSearchClient(options: OpenSearchOptions): OpenSearchClient {
  const { timeoutMs = 10_000, backoffMs = 100, attempts = 7 } = options;
  const { base, authorization } = splitUrl(options.url);

  async function once(method: string, path: string, body: object | string): Promise<Answer> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        'Content-Type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json',
        ...(authorization && { Authorization: authorization }),
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: parsed(await bounded(response.body)) };
  }

  async function pause(attempt: number): Promise<boolean> {
    if (attempt >= attempts) return false;
    if (attempt > 0) await setTimeout(backoffMs * 2 ** (attempt - 1));
    return true;
  }

  return {
    pause,
    async request(method, path, body) {
      let failure: unknown;
      let status: number | undefined;
      for (let attempt = 0; await pause(attempt); attempt++) {
        try {
          const answer = await once(method, path, body);
          if (!LATER.has(answer.status)) return answer;
          ({ status } = answer);
          failure = undefined;
        } catch (error) {
          if (error instanceof AnswerTooLarge) throw error;
          failure = error;
        }
      }
      const reason = failure instanceof Error ? failure.name : `status ${status ?? 0}`;
      throw new SearchUnavailable(`OpenSearch did not answer in ${attempts} attempts: ${reason}`, { cause: failure });
    },
  };
}

/** fetch takes no URL with a password in it. */
function splitUrl(text: string): { base: string; authorization: string | undefined } {
  const url = new URL(text);
  const credentials = [url.username, url.password].map(decodeURIComponent).join(':');
  const authorization = url.username === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  url.username = '';
  url.password = '';
  return { base: url.href.replace(/\/$/, ''), authorization };
}

/** @throws AnswerTooLarge */
async function bounded(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new AnswerTooLarge(`OpenSearch answered more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

/** A proxy in between may answer with anything. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer that was not what the demo asked for. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly status: number;
  constructor(url: string, status: number, body: string) {
    super(`${url} answered ${status}: ${body}`);
    this.status = status;
  }
}

/**
 * Asks our own gateway or sandbox, whose answers the caller knows the shape of.
 *
 * @throws UnexpectedAnswer for a status that is no success
 */
export async function fetchJson<T>(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(10_000),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new UnexpectedAnswer(url, response.status, text);
  return JSON.parse(text) as T;
}

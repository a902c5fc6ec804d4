/** Tells in the terminal what becomes of sagas, as the gateway's live feed says it. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

export interface SagaTeller {
  /** Follows the gateway that has just become ready, from where the one before it was left. */
  follow(): void;
  close(): void;
}

/** @param apiKey where the gateway wants one */
export function createSagaTeller(
  gatewayUrl: string,
  say: (line: string) => void,
  apiKey: string | undefined,
): SagaTeller {
  const over = new AbortController();
  let last: string | undefined;

  async function read(): Promise<void> {
    const response = await fetch(`${gatewayUrl}/v1/live?kinds=saga`, {
      signal: over.signal,
      headers: {
        ...(last === undefined ? {} : { 'last-event-id': last }),
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
    });
    if (!response.ok || !response.body) return;
    let event = '';
    for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
      const [, field, value = ''] = /^(event|data|id): ?(.*)$/.exec(line) ?? [];
      if (field === 'event') event = value;
      if (field === 'id') last = value;
      if (field === 'data' && event === 'saga') say(toldBy(value));
    }
  }

  return {
    // It ends with the gateway, whose next one is followed then.
    follow: () => void read().catch(() => undefined),
    close: () => over.abort(),
  };
}

function toldBy(data: string): string {
  const { id, state, parked } = JSON.parse(data) as { id: string; state: string; parked: readonly unknown[] };
  return `  saga  ${id}  ${state}${parked.length > 0 ? ', parked: it waits for an operator' : ''}`;
}

import type { Client } from 'pg';
import { createClient } from '../prisma/connection.ts';
import { backoffMs, pause } from '../ground/backoff.ts';

const CHANNEL = 'sagaline_live';
const RECONNECT = { firstMs: 500, maxMs: 5_000 };

/** Hears every notification until the signal aborts; connects again when the connection is lost. */
export async function listen(databaseUrl: string, onNews: () => void, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const client = createClient({ url: databaseUrl, applicationName: 'sagaline-live' });
    client.on('notification', onNews);
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      onNews();
      failures = 0;
      await endOf(client, signal);
    } catch {
      // Without it there is still the look by the clock.
    }
    await client.end().catch(() => undefined);
    await pause(backoffMs(++failures, RECONNECT), signal);
  }
}

/** Resolves when the connection is gone, or nobody wants it any more. */
async function endOf(client: Client, signal: AbortSignal): Promise<void> {
  let stop: (() => void) | undefined;
  await new Promise<void>((resolve) => {
    stop = resolve;
    client.once('end', stop);
    signal.addEventListener('abort', stop, { once: true });
  });
  // The signal is that of the whole feed, and outlives every connection.
  if (stop) signal.removeEventListener('abort', stop);
}

import { setTimeout as delay } from 'node:timers/promises';

/** The work did not end in its time. It may still end later. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/** @throws TookTooLong when `work` has not settled after `ms`; what it throws later is nobody's business any more */
export async function withinMs<T>(ms: number, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const tooLong = delay(ms, undefined, { signal: ended.signal }).then(() => {
    throw new TookTooLong(`took longer than ${ms} ms`);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    ended.abort();
  }
}

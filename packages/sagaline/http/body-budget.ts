import { tooMany } from './gate.ts';
import { Problem } from './problem.ts';

/** What one request's body holds of the budget. */
export interface BodyShare {
  /** @throws Problem too-many-requests when all bodies together would be too large */
  take(bytes: number): void;
  /** Gives everything back. */
  release(): void;
}

export interface BodyBudget {
  share(): BodyShare;
}

/**
 * Bounds the bytes of all bodies that are being read or worked on. Bytes are counted as they come, and not requests: a body
 * that comes slowly, or never, keeps nobody else out, and a thousand of them cost no more memory than what they have sent.
 */
export function createBodyBudget(maxBytes: number): BodyBudget {
  let taken = 0;
  return {
    share() {
      let own = 0;
      return {
        take(bytes) {
          if (taken + bytes > maxBytes)
            throw tooMany('the bodies of other requests fill the memory that there is for them');
          taken += bytes;
          own += bytes;
        },
        release() {
          taken -= own;
          own = 0;
        },
      };
    },
  };
}

/**
 * The chunks of a body, counted as they come.
 *
 * @throws Problem malformed-request when it breaks off: whoever sent it is gone, or too slow for the server
 */
export async function* bodyChunks(
  body: ReadableStream<Uint8Array> | null,
  share: BodyShare,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokeOff);
      if (done) return;
      share.take(value.byteLength);
      yield value;
    }
  } finally {
    // What is left of it is not worth reading.
    await reader.cancel().catch(() => undefined);
  }
}

function brokeOff(cause: unknown): never {
  throw new Problem('malformed-request', 'the body broke off', { cause });
}

import type { Database } from '../prisma/database.ts';
import { payloadHash } from '../events/payload-hash.ts';
import type { AppContext } from './env.ts';
import { Problem } from './problem.ts';

/** A request that may be repeated: same caller, same key, same content, same answer. */
export interface IdempotentRequest {
  /** Fingerprint of the API key. */
  readonly caller: string;
  /** The Idempotency-Key. */
  readonly key: string;
  /** Of method, path and body. */
  readonly hash: string;
}

/** Answers to requests with an Idempotency-Key, kept before anything is done, so that no repetition can get another one. */
export interface IdempotencyStore {
  /**
   * The answer that was given, if one was.
   *
   * @throws Problem idempotency-key-reused when the key came with another request
   */
  find<Answer extends object>(request: IdempotentRequest): Promise<Answer | undefined>;
  /**
   * Stores the answer, unless a request that ran at the same time was faster: then its answer is returned.
   *
   * @throws Problem idempotency-key-reused when the key came with another request
   */
  remember<Answer extends object>(request: IdempotentRequest, status: number, answer: Answer): Promise<Answer>;
}

const KEY = /^[\x20-\x7e]{1,255}$/;

/**
 * The request's Idempotency-Key, if it came with one.
 *
 * @throws Problem malformed-request when it is no such key
 */
export function idempotentRequest(c: AppContext): IdempotentRequest | undefined {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (!KEY.test(key)) {
    const reason = 'must be 1 to 255 printable ASCII characters';
    throw new Problem('malformed-request', `Idempotency-Key ${reason}`, {
      errors: [{ field: 'Idempotency-Key', reason }],
    });
  }
  const hash = payloadHash({ method: c.req.method, path: c.req.path, body: c.get('body') });
  return { caller: c.get('caller'), key, hash };
}

/** Keeps answers in the database. */
export function createIdempotencyStore(database: Database): IdempotencyStore {
  const idOf = ({ caller, key }: IdempotentRequest) => `${caller}:${key}`;

  async function find<Answer extends object>(request: IdempotentRequest): Promise<Answer | undefined> {
    const row = await database.httpRequest.findUnique({ where: { idempotencyKey: idOf(request) } });
    if (!row) return undefined;
    if (row.requestHash !== request.hash) {
      throw new Problem('idempotency-key-reused', 'the Idempotency-Key came before, with another request', {
        errors: [{ field: 'Idempotency-Key', reason: 'was used for another request' }],
      });
    }
    return JSON.parse(row.response as string) as Answer;
  }

  return {
    find,

    async remember<Answer extends object>(request: IdempotentRequest, status: number, answer: Answer): Promise<Answer> {
      const row = {
        idempotencyKey: idOf(request),
        requestHash: request.hash,
        status,
        // As text: JSONB would give the fields back in another order, and the same answer is the same to the byte.
        response: JSON.stringify(answer),
      };
      const { count } = await database.httpRequest.createMany({ data: [row], skipDuplicates: true });
      return count > 0 ? answer : ((await find<Answer>(request)) ?? answer);
    },
  };
}

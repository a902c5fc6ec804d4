import { z } from 'zod';
import { parseInstant } from '../../ground/instant.ts';
import { isStorable } from '../../contracts/text.ts';
import { Problem } from '../problem.ts';

const MAX_INT = 2n ** 31n - 1n;
const MAX_BIGINT = 2n ** 63n - 1n;

const integer = (min: bigint, max: bigint) =>
  z
    .string()
    .regex(/^-?[0-9]{1,19}$/, { abort: true })
    .refine((text) => BigInt(text) >= min && BigInt(text) <= max);

/**
 * What a cursor is made of, as text: each takes what PostgreSQL can compare a column with, and nothing else. Lists make their
 * positions of these only, so that no forged cursor reaches a query that must fail.
 */
export const POSITION = {
  /** A time stamp: RFC 3339, in the years that there are. */
  time: z.string().refine((text) => parseInstant(text) !== undefined),
  /** BIGINT: offsets, row ids, times in ms. */
  bigint: integer(-MAX_BIGINT - 1n, MAX_BIGINT),
  /** BIGSERIAL, or an offset. */
  natural: integer(0n, MAX_BIGINT),
  /** INTEGER: a partition. */
  int: integer(0n, MAX_INT),
  text: z.string().max(300).refine(isStorable),
} as const;

/**
 * An opaque cursor: where the page before ended, in base64url. Opaque so that callers do not build them; checked, because
 * they do.
 */
export function encodeCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * @param schema a tuple of `POSITION`'s parts
 * @throws Problem malformed-request when it is none of ours
 */
export function decodeCursor<T>(cursor: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem('malformed-request', 'the cursor is not one that this API gave out', {
      errors: [{ field: 'cursor', reason: 'must be a nextCursor of this list' }],
    });
  }
}

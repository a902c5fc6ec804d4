import type { z } from 'zod';
import { Problem } from './problem.ts';

/**
 * An opaque cursor: where the page before ended, in base64url. Opaque so that callers do not build them; checked, because
 * they do.
 */
export function encodeCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws Problem malformed-request when it is none of ours */
export function decodeCursor<T>(cursor: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem('malformed-request', 'the cursor is not one that this API gave out', {
      errors: [{ field: 'cursor', reason: 'must be a nextCursor of this list' }],
    });
  }
}

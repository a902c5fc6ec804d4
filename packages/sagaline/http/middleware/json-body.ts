import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../env.ts';
import { parseJson } from '../../events/parse-json.ts';
import { bodyChunks, type BodyBudget, type BodyShare } from '../body-budget.ts';
import { Problem, orProblem } from '../problem.ts';
import { refuseEncoded } from './content-encoding.ts';

const JSON_TYPE = /^application\/json *(; *charset *= *"?utf-8"? *)?$/i;

export interface JsonBodyOptions {
  readonly maxBytes: number;
  readonly budget: BodyBudget;
}

/**
 * Reads a JSON body of at most `maxBytes`, announced or chunked, and leaves it parsed in the context.
 *
 * With ingest's own parser instead of hono's json(): what HTTP lets in, ingest must take. So bad UTF-8, bottomless nesting
 * and keys that reach for prototypes are refused here already.
 */
export function jsonBody({ maxBytes, budget }: JsonBodyOptions): MiddlewareHandler<AppEnv> {
  return async function jsonBody(c, next) {
    const type = c.req.header('content-type');
    if (type === undefined || !JSON_TYPE.test(type.trim())) {
      throw new Problem('unsupported-media-type', 'send Content-Type: application/json, in UTF-8', {
        headers: { Accept: 'application/json' },
      });
    }
    refuseEncoded(c);
    if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const share = budget.share();
    try {
      const bytes = await readBounded(c.req.raw.body, { maxBytes, share });
      c.set(
        'body',
        orProblem(() => parseJson(bytes)),
      );
      await next();
    } finally {
      share.release();
    }
  };
}

async function readBounded(
  stream: ReadableStream<Uint8Array> | null,
  { maxBytes, share }: { maxBytes: number; share: BodyShare },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(stream, share)) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The connection is closed: what is left of the body is not worth reading. */
function tooLarge(maxBytes: number): Problem {
  return new Problem('body-too-large', `the body may have ${maxBytes} bytes`, { headers: { Connection: 'close' } });
}

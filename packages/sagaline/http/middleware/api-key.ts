import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { AppContext, AppEnv } from '../env.ts';
import { Problem } from '../problem.ts';

/**
 * Lets in who has one of the keys, as `Authorization: Bearer` or `X-Api-Key`. With no keys configured everybody is let in,
 * which the configuration allows on loopback only.
 */
export function apiKey(keys: readonly string[]): MiddlewareHandler<AppEnv> {
  const digests = keys.map(digestOf);
  return async function apiKey(c, next) {
    if (digests.length === 0) {
      c.set('caller', 'anyone');
      return next();
    }
    const presented = presentedKey(c);
    const digest = digestOf(presented ?? '');
    // All keys are compared, and digests have one length: the time taken says nothing about any of them.
    const matches = digests.filter((known) => timingSafeEqual(known, digest)).length;
    if (presented === undefined || matches === 0) {
      throw new Problem('unauthorized', 'send an API key as Authorization: Bearer <key> or X-Api-Key: <key>', {
        headers: { 'WWW-Authenticate': 'Bearer realm="sagaline"' },
      });
    }
    c.set('caller', digest.toString('hex').slice(0, 16));
    return next();
  };
}

function presentedKey(c: AppContext): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '');
  return bearer?.[1] ?? c.req.header('x-api-key');
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../env.ts';
import { Problem } from '../problem.ts';

/** Headers with one value each, of those that mean something here. Of the others a repetition is joined, dropped or ignored. */
const SINGLE = ['Authorization', 'Content-Encoding', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'X-Api-Key'];
const BY_NAME = new Map(SINGLE.map((name) => [name.toLowerCase(), name]));

/** What @hono/node-server leaves of Node's request; absent where a test calls the app without a server. */
const Bindings = z.object({ incoming: z.object({ rawHeaders: z.array(z.string()) }) });

/**
 * Refuses a header that may come once and came more often, as ingest refuses it of Kafka's (`duplicate-header`), with equal
 * values, too: whichever were taken, somebody meant the other one, and joined by a comma they are a third that nobody sent.
 */
export function singleHeaders(): MiddlewareHandler<AppEnv> {
  return async function singleHeaders(c, next) {
    const bindings = Bindings.safeParse(c.env);
    const repeated = bindings.success ? repeatedOf(bindings.data.incoming.rawHeaders) : [];
    if (repeated.length > 0) {
      throw new Problem('malformed-request', `${repeated.join(', ')}: came more than once`, {
        errors: repeated.map((field) => ({ field, reason: 'came more than once' })),
      });
    }
    await next();
  };
}

/** @param rawHeaders names and values in turns, as Node has them */
function repeatedOf(rawHeaders: readonly string[]): string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = BY_NAME.get(rawHeaders[at]?.toLowerCase() ?? '');
    if (name === undefined) continue;
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return [...repeated];
}

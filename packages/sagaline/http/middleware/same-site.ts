import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../../ground/loopback.ts';
import type { AppContext, AppEnv } from '../env.ts';
import { Problem } from '../problem.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps web pages of others out, which a browser on this machine would let in where no API key does.
 *
 * A page whose name was made to point to 127.0.0.1 (DNS rebinding) is told by its Host: with `allowedHosts`, a request must be
 * for one of these, or for loopback. And what changes something must not come from another site's page, as browsers say in
 * Sec-Fetch-Site and Origin; who sends neither is no browser.
 *
 * @param allowedHosts host names without ports; undefined: any
 */
export function sameSite(allowedHosts: readonly string[] | undefined): MiddlewareHandler<AppEnv> {
  const isAllowed = (host: string): boolean => isLoopback(host) || (allowedHosts ?? []).includes(host);

  return async function sameSite(c, next) {
    if (allowedHosts && !isAllowed(hostOf(c.req.url))) {
      throw new Problem(
        'misdirected-request',
        'this gateway is not known by the name in Host: ask by a loopback address, or let HTTP_ALLOWED_HOSTS name it',
      );
    }
    if (!SAFE.has(c.req.method) && !isOwn(c)) {
      throw new Problem('cross-site', 'a page of another site must not change anything here (Sec-Fetch-Site, Origin)');
    }
    return next();
  };

  function isOwn(c: AppContext): boolean {
    const site = c.req.header('sec-fetch-site');
    const origin = c.req.header('origin');
    if (site === 'same-origin' || site === 'none') return true;
    if (origin === undefined) return site === undefined;
    if (!URL.canParse(origin)) return false;
    // Another port of the same name is another's. A name that an operator allows is ours, such as a proxy's.
    const same = site === undefined && new URL(origin).host === new URL(c.req.url).host;
    return same || (allowedHosts ?? []).includes(hostOf(origin));
  }
}

/** In lower case, without a port and without the dot that ends a full name. */
const hostOf = (url: string): string => new URL(url).hostname.toLowerCase().replace(/\.$/, '');

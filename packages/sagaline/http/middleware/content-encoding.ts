import type { AppContext } from '../env.ts';
import { Problem } from '../problem.ts';

/**
 * Refuses a body that is encoded in any way. `identity` says that it is not (RFC 9110, 8.4.1), as often as it is said.
 *
 * @throws Problem unsupported-media-type
 */
export function refuseEncoded(c: AppContext): void {
  const codings = (c.req.header('content-encoding') ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  if (codings.every((coding) => coding === '' || coding === 'identity')) return;
  throw new Problem(
    'unsupported-media-type',
    'send the body as it is, without Content-Encoding or with identity: compressed bodies are not taken',
    { headers: { 'Accept-Encoding': 'identity' } },
  );
}

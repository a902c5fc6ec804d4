import { environmentOf, fetchJson, readConfig, type StackAddresses } from 'sagaline/dev';
import { perform, type Performance } from './perform.ts';

/** There is no gateway to play with. */
export class NothingToAttachTo extends Error {
  override readonly name = 'NothingToAttachTo';
}

/**
 * Plays the scenes against a gateway and workers that somebody else started, and leaves them as they are. Where the gateway
 * wants a key, it is the first of API_KEYS. The sign-up scenes end in time if the gateway has FOLLOW_UP_SETTINGS.
 *
 * @throws NothingToAttachTo
 */
export async function performAttached(
  addresses: StackAddresses,
  environment: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<Performance> {
  const { gatewayUrl } = addresses;
  await fetchJson(`${gatewayUrl}/readyz`).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NothingToAttachTo(`no gateway is ready at ${gatewayUrl} (HTTP_HOST, HTTP_PORT): ${reason}`, { cause });
  });
  const config = readConfig({ ...environment, ...environmentOf(addresses) }, { servesApi: false });
  return await perform({ addresses, config, say });
}

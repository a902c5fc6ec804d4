import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { basic } from './registry.ts';

/** The proxy that the environment names for an address, as curl, pip and npm understand it. */
export function proxyOf(target: URL, env: NodeJS.ProcessEnv = process.env): URL | undefined {
  if (exceptions(env).some((exception) => covers(exception, target))) return undefined;
  const names =
    target.protocol === 'https:'
      ? ['HTTPS_PROXY', 'https_proxy', 'npm_config_https_proxy', 'ALL_PROXY', 'all_proxy']
      : ['http_proxy', 'npm_config_proxy', 'ALL_PROXY', 'all_proxy'];
  const address = names.map((name) => env[name]).find((value) => value);
  if (!address) return undefined;
  return new URL(address.includes('://') ? address : `http://${address}`);
}

const exceptions = (env: NodeJS.ProcessEnv): readonly string[] =>
  ['NO_PROXY', 'no_proxy', 'npm_config_noproxy'].flatMap((name) => (env[name] ?? '').split(/[\s,|]+/).filter(Boolean));

function covers(exception: string, { hostname, host }: URL): boolean {
  if (exception === '*' || exception === host) return true;
  const domain = exception.replace(/^\*?\./, '');
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

/** What a proxy wants to know of who asks. */
export const proxyAuthorization = ({ username, password }: URL): Record<string, string> =>
  username ? { 'proxy-authorization': basic(decodeURIComponent(username), decodeURIComponent(password)) } : {};

/** A connection to a server behind a proxy. @throws what the proxy says, or the network */
export function tunnel(proxy: URL, target: URL, ca: readonly string[]): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const address = `${target.hostname}:${target.port || '443'}`;
    const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)(proxy, {
      method: 'CONNECT',
      path: address,
      headers: { host: address, ...proxyAuthorization(proxy) },
      ca: [...ca],
    });
    request.once('error', reject);
    request.once('connect', ({ statusCode }, socket: Socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} answered ${statusCode} to a connection with ${address}`));
        return;
      }
      const secure = connect({ socket, servername: target.hostname, ca: [...ca] });
      secure.once('error', reject);
      secure.once('secureConnect', () => resolve(secure));
    });
    request.end();
  });
}

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { proxyAuthorization, proxyOf, tunnel } from './proxy.ts';
import type { Registry } from './registry.ts';
import { trusted } from './trust.ts';

/** A server that says nothing for so long will say nothing more. */
const IDLE_MS = 30_000;
const MOST_REDIRECTS = 5;

/** The server answered, but not with what was asked for. */
export class HttpRefused extends Error {
  override readonly name = 'HttpRefused';
  readonly status: number;
  constructor(url: URL, status: number) {
    super(`${url.href} answered ${status}`);
    this.status = status;
  }
}

const agents = new Map<string, HttpsAgent>();
const plain = new HttpAgent({ keepAlive: true });

/** One per bundle: a connection serves many files, and 150 certificates are read once. */
function agentFor(certificates: string | undefined): HttpsAgent {
  const key = certificates ?? '';
  const agent = agents.get(key) ?? new HttpsAgent({ keepAlive: true, ca: [...trusted(certificates)] });
  agents.set(key, agent);
  return agent;
}

/**
 * Asks for a file as the package clients of this machine would: through its proxy, trusting whom it trusts.
 *
 * @returns the answer, whose status is 200 or 206
 * @throws HttpRefused, or what the network says
 */
export async function get(
  url: URL,
  registry: Registry,
  headers: Readonly<Record<string, string>> = {},
  redirects = 0,
): Promise<IncomingMessage> {
  const response = await ask(url, registry, headers);
  const status = response.statusCode ?? 0;
  if (status === 200 || status === 206) return response;
  response.resume();
  if (status >= 300 && status < 400 && response.headers.location && redirects < MOST_REDIRECTS) {
    return await get(new URL(response.headers.location, url), registry, headers, redirects + 1);
  }
  throw new HttpRefused(url, status);
}

async function ask(url: URL, registry: Registry, own: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  // A password is for the server that it was given for, and for nobody that it sends us to.
  const authorization = url.host === registry.url.host ? registry.authorization : undefined;
  const headers = { 'user-agent': 'sagaline', ...own, ...(authorization ? { authorization } : {}) };
  const proxy = registry.proxy ?? proxyOf(url);
  const options = { headers, timeout: IDLE_MS };
  if (url.protocol !== 'https:') {
    if (!proxy) return await answered(httpRequest(url, { ...options, agent: plain }));
    const via = { path: url.href, headers: { ...headers, host: url.host, ...proxyAuthorization(proxy) } };
    return await answered(httpRequest(proxy, { ...options, ...via }));
  }
  if (!proxy) return await answered(httpsRequest(url, { ...options, agent: agentFor(registry.certificates) }));
  const socket = await tunnel(proxy, url, trusted(registry.certificates));
  return await answered(httpsRequest(url, { ...options, agent: false, createConnection: () => socket }));
}

function answered(request: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error(`no answer for ${IDLE_MS / 1000} s`)));
    request.once('response', resolve);
    request.end();
  });
}

/** The whole text of an answer. */
export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

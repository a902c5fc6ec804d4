import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RequestError, getRequestListener } from '@hono/node-server';
import { CannotStart } from '../ground/lifecycle.ts';
import { PROBLEMS, Problem, problemBody } from './problem.ts';

/** A request must have arrived whole within this time, and its headers in half of it: a slow socket is not waited for. In ms. */
const REQUEST_TIMEOUT_MS = 15_000;
/** A connection on which nothing moves for so long is hung up: a reader who takes nothing keeps its answer in memory. In ms. */
const IDLE_TIMEOUT_MS = 60_000;
/** How long answers in hand may take when the server closes, in ms. */
const DRAIN_MS = 6_000;

export interface HttpServer {
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly url: string;
  /** Takes no new connection, lets answers in hand end, and hangs up on whoever is left after 6 s. */
  close(): Promise<void>;
}

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** In ms; 15 s unless told. */
  readonly requestTimeoutMs?: number;
  /** In ms; 60 s unless told. */
  readonly idleTimeoutMs?: number;
  /** The setting that an operator changes when the port is taken. */
  readonly portSetting?: 'HTTP_PORT' | 'HEALTH_PORT';
}

/** @throws CannotStart when the address is taken, or not ours */
export async function startHttpServer(
  fetch: Parameters<typeof getRequestListener>[0],
  {
    host,
    port,
    requestTimeoutMs = REQUEST_TIMEOUT_MS,
    idleTimeoutMs = IDLE_TIMEOUT_MS,
    portSetting = 'HTTP_PORT',
  }: HttpServerOptions,
): Promise<HttpServer> {
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: false,
    // HTTP/1.0 has no Host, and probes of load balancers speak it; HTTP/1.1 without one is refused by Node.
    hostname: hostIn(host),
    errorHandler: unreadable,
  });
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.ceil(requestTimeoutMs / 2),
      connectionsCheckingInterval: Math.min(1_000, Math.ceil(requestTimeoutMs / 4)),
      keepAliveTimeout: 5_000,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.setTimeout(idleTimeoutMs);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CannotStart(`HTTP cannot listen on ${host}:${port} (HTTP_HOST, ${portSetting}): ${reason}`, { cause });
  }
  return { url: urlOf(server, host), close: () => close(server) };
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${hostIn(host)}:${port}`;
}

/** As it stands in a URL. */
const hostIn = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** What no request could be made of, such as a Host that is no name: the app has not seen it. */
function unreadable(error: unknown): Response {
  const problem =
    error instanceof RequestError
      ? new Problem('malformed-request', `the request line or Host cannot be read: ${error.message}`)
      : new Problem('internal-error', 'the request was not answered');
  const headers = { 'Content-Type': 'application/problem+json' };
  return new Response(JSON.stringify(problemBody(problem)), { status: PROBLEMS[problem.problem].status, headers });
}

async function close(server: Server): Promise<void> {
  const hangUp = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(hangUp);
}

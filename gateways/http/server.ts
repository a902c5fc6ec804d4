import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { CannotStart } from '../lifecycle.ts';

/** A request must have arrived whole within this time, and its headers in half of it: a slow socket is not waited for. In ms. */
const REQUEST_TIMEOUT_MS = 15_000;
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
  /** The setting that an operator changes when the port is taken. */
  readonly portSetting?: 'HTTP_PORT' | 'HEALTH_PORT';
}

/** @throws CannotStart when the address is taken, or not ours */
export async function startHttpServer(
  fetch: Parameters<typeof getRequestListener>[0],
  { host, port, requestTimeoutMs = REQUEST_TIMEOUT_MS, portSetting = 'HTTP_PORT' }: HttpServerOptions,
): Promise<HttpServer> {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.ceil(requestTimeoutMs / 2),
      connectionsCheckingInterval: Math.min(1_000, Math.ceil(requestTimeoutMs / 4)),
      keepAliveTimeout: 5_000,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
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
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function close(server: Server): Promise<void> {
  const hangUp = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(hangUp);
}

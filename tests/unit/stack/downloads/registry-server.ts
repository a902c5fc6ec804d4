/** A registry on this machine, as much of one as a client can tell. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registryAt, type Registry } from '../../../../packages/sagaline/dev/tools/downloads/registry.ts';

export interface RegistryServer extends AsyncDisposable {
  readonly registry: Registry;
  /** Method, path and what matters of the headers, in order. */
  readonly requests: { readonly path: string; readonly range?: string; readonly authorization?: string }[];
}

/** @param answer called for each request; undefined answers 404 */
export async function startRegistry(
  answer: (path: string, request: IncomingMessage, response: ServerResponse) => string | Buffer | undefined,
): Promise<RegistryServer> {
  const requests: RegistryServer['requests'][number][] = [];
  const server = createServer((request, response) => {
    const { range, authorization } = request.headers;
    const path = request.url ?? '';
    requests.push({ path, ...(range ? { range } : {}), ...(authorization ? { authorization } : {}) });
    const body = answer(path, request, response);
    if (response.headersSent || response.destroyed) return;
    if (body === undefined) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200).end(Buffer.from(body).subarray(from));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    registry: registryAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

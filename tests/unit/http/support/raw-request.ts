import { once } from 'node:events';
import { connect } from 'node:net';

/** A request byte for byte as written: `fetch` would fold repeated headers into one. */
export async function rawRequest(
  url: string,
  { head, body }: { readonly head: readonly string[]; readonly body: string },
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  socket.write([...head, 'Host: localhost', 'Connection: close', length, '', body].join('\r\n'));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

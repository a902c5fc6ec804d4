import { createConnection, isIP } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export interface Exchange {
  readonly host: string;
  readonly port: number;
  /** What to say first; nothing for protocols in which the server begins. */
  readonly request?: Buffer;
  /** How much of the answer is needed. */
  readonly answerBytes: number;
  readonly timeoutMs: number;
  /** Speaks TLS with these settings; plain text without. */
  readonly tls?: ConnectionOptions | undefined;
}

/** Connects, says one thing, and returns the beginning of the answer. @throws on refusal, early end, or time-out */
export function exchange({ host, port, request, answerBytes, timeoutMs, tls }: Exchange): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    // An address is no name of a server's (RFC 6066).
    const named = isIP(host) === 0 ? { servername: host } : {};
    const socket = tls ? connectTls({ ...named, ...tls, host, port }) : createConnection({ host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${host}:${port} does not answer in time`)));
    socket.on(tls ? 'secureConnect' : 'connect', () => {
      if (request) socket.write(request);
    });
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < answerBytes) return;
      resolve(answer);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${host}:${port} ended the connection`)));
  });
}

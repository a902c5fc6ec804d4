import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readSmallFile, type Environment } from './secret-files.ts';

/** What a connection by TLS needs beside the system's certificates. PEM. */
export interface TlsFiles {
  readonly ca?: Buffer;
  /** Who we are (mutual TLS): both, or neither. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const PARTS = ['ca', 'cert', 'key'] as const;

/**
 * Reads `<prefix>_CA_FILE`, `_CERT_FILE` and `_KEY_FILE`, and tries them, so that a wrong one is told at the start and by its
 * name, not as a failed handshake.
 *
 * @returns no files where `<prefix>` is not true
 */
export function readTlsFiles(
  env: Environment,
  prefix: 'KAFKA_TLS' | 'TEMPORAL_TLS',
): { readonly tls: TlsFiles | undefined; readonly problems: string[] } {
  const problems: string[] = [];
  const files: { -readonly [Part in keyof TlsFiles]: TlsFiles[Part] } = {};
  const name = (part: (typeof PARTS)[number]): string => `${prefix}_${part.toUpperCase()}_FILE`;
  for (const part of PARTS) {
    const path = env[name(part)];
    if (path === undefined) continue;
    if (env[prefix] !== 'true') problems.push(`${name(part)}: has no effect unless ${prefix}=true`);
    const { bytes, problem } = readSmallFile(path);
    if (bytes) files[part] = bytes;
    else problems.push(`${name(part)}: ${problem ?? ''}`);
  }
  const { ca, cert, key } = files;
  if (ca) problems.push(...failure(name('ca'), 'is no certificate in PEM', () => new X509Certificate(ca)));
  const [hasCert, hasKey] = [env[name('cert')], env[name('key')]].map((path) => path !== undefined);
  if (hasCert !== hasKey) problems.push(`${name('cert')}, ${name('key')}: set both or none`);
  if (cert && key) {
    const pair = `${name('cert')}, ${name('key')}`;
    problems.push(...failure(pair, 'are no certificate and its key in PEM', () => createSecureContext({ cert, key })));
  }
  return { tls: env[prefix] === 'true' ? files : undefined, problems };
}

/** OpenSSL's code says which of its many reasons; its message may quote the file. */
function failure(names: string, what: string, attempt: () => unknown): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    return [`${names}: ${what} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`];
  }
}

import { HttpRefused } from './http.ts';

/** A file could not be had, in words: what happened, and what to do. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
  constructor(url: URL, cause: unknown) {
    super(`${url.href} cannot be downloaded: ${reasonOf(cause)}\n  ${adviceFor(cause)}\n  ${AGAIN}`, { cause });
  }
}

/** What came is not what the pinned list says. */
export class ChecksumWrong extends Error {
  override readonly name = 'ChecksumWrong';
  constructor(file: string, url: URL, expected: string, found: string) {
    super(
      `${file} from ${url.href} is not the file that was pinned, and was thrown away:\n` +
        `  SHA-256 ${found}\n  instead of ${expected}\n` +
        `  Run the command again; if it stays so, ask who runs that registry, or something on the way, why it differs.`,
    );
  }
}

const AGAIN = 'Then run the same command again: it goes on where it stopped.';

/** Codes of Node and OpenSSL. */
const UNREACHABLE = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT']);
const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM']);

function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function reasonOf(cause: unknown): string {
  if (cause instanceof HttpRefused) return `the server answered ${cause.status}`;
  const code = codeOf(cause);
  if (UNREACHABLE.has(code)) return `there is no way to that server from here (${code})`;
  if (UNTRUSTED.has(code)) return `its certificate is not trusted on this machine (${code})`;
  return cause instanceof Error ? cause.message : String(cause);
}

function adviceFor(cause: unknown): string {
  if (cause instanceof HttpRefused) {
    return cause.status === 401 || cause.status === 403
      ? 'Give name and password: for PyPI in the address of pip.conf, for Maven as a <server> of settings.xml.'
      : `Another registry that has it can be named: ${REGISTRIES}.`;
  }
  const code = codeOf(cause);
  if (UNTRUSTED.has(code))
    return 'Name the file with its authority: NODE_EXTRA_CA_CERTS=/path/of/ca.pem, or cert in pip.conf.';
  if (NO_ROOM.has(code)) return 'Make room there, or name another directory: SAGALINE_CACHE=/path.';
  return `See whether there is a network; behind a proxy set HTTPS_PROXY; with a registry of your own name it: ${REGISTRIES}.`;
}

const REGISTRIES = 'index-url of pip.conf or PIP_INDEX_URL, a <mirror> of ~/.m2/settings.xml';

/** The registries answer, and have not got it. */
export class NotInIndex extends Error {
  override readonly name = 'NotInIndex';
  constructor(file: string, indexes: readonly URL[]) {
    const asked = indexes.length === 0 ? 'none, for pip is configured with no-index' : indexes.map(({ href }) => href);
    super(
      `${file} is in none of the package indexes of this machine (asked: ${String(asked)}).\n` +
        `  Name one that has it: ${REGISTRIES}; or put the file into a directory and name that: PIP_FIND_LINKS=/path.`,
    );
  }
}

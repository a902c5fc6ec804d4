import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** Where systems keep what their package clients trust; Node looks there only when told. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** Set for Node, OpenSSL, Python or (by npm, for its scripts) npm. */
const VARIABLES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'npm_config_cafile'];

/**
 * Certificates of everybody that this machine trusts, in PEM: a company's registry, or what reads along on the way to the
 * public one, has a certificate of its own, and each client is told of it in another place.
 *
 * @param extra path of a bundle that a registry's own settings name
 */
export function trusted(extra: string | undefined, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const paths = [extra, ...VARIABLES.map((name) => env[name]), ...SYSTEM_BUNDLES];
  const bundles = [...new Set(paths)].flatMap((path) => (path && existsSync(path) ? [readFileSync(path, 'utf8')] : []));
  return [...rootCertificates, ...bundles];
}

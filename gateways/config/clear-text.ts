import { isLoopback } from '../loopback.ts';
import type { Environment } from './secret-files.ts';

/** Secrets that would travel readable by others: nothing is on the way to a loopback address. */
export function inClearText(env: Environment): string[] {
  return [...ofKafka(env), ...ofTemporal(env), ...ofMail(env), ...ofHttp(env)];
}

function ofKafka(env: Environment): string[] {
  const brokers = (env['KAFKA_BROKERS'] ?? '').split(',').map((broker) => broker.trim());
  const remote = brokers.filter((broker) => broker !== '' && !isLoopback(hostOf(broker)));
  if (!env['KAFKA_SASL_MECHANISM'] || env['KAFKA_TLS'] === 'true' || remote.length === 0) return [];
  return [`KAFKA_SASL_MECHANISM: credentials would travel in clear text to ${remote.join(', ')}; set KAFKA_TLS=true`];
}

function ofTemporal(env: Environment): string[] {
  if (!env['TEMPORAL_API_KEY'] || env['TEMPORAL_TLS'] === 'true') return [];
  return ['TEMPORAL_API_KEY: would travel in clear text; set TEMPORAL_TLS=true'];
}

/** STARTTLS is tried anyway, but whoever is in between can answer that there is none: only `requireTLS` insists. */
function ofMail(env: Environment): string[] {
  const url = urlOf(env['SMTP_URL']);
  if (!url || !hasCredentials(url) || isLoopback(url.hostname)) return [];
  const { searchParams: options } = url;
  if (options.get('tls.rejectUnauthorized') === 'false') {
    return ['SMTP_URL: its password would go to whoever answers; leave tls.rejectUnauthorized=false out'];
  }
  const insists = options.get('requireTLS') === 'true' && options.get('ignoreTLS') !== 'true';
  if (url.protocol === 'smtps:' || insists) return [];
  return ['SMTP_URL: its password would travel in clear text; use smtps:, or ?requireTLS=true where it is STARTTLS'];
}

function ofHttp(env: Environment): string[] {
  const problems: string[] = [];
  for (const name of ['PAYMENT', 'SMS'] as const) {
    const url = urlOf(env[`${name}_URL`]);
    if (!url) continue;
    if (hasCredentials(url)) problems.push(`${name}_URL: must not carry credentials; set ${name}_API_KEY`);
    if (env[`${name}_API_KEY`] && isReadable(url)) {
      problems.push(`${name}_API_KEY: would travel in clear text to ${url.host}; give ${name}_URL with https:`);
    }
  }
  const openSearch = urlOf(env['OPENSEARCH_URL']);
  if (openSearch && hasCredentials(openSearch) && isReadable(openSearch)) {
    problems.push('OPENSEARCH_URL: its password would travel in clear text; use https:');
  }
  const ui = urlOf(env['TEMPORAL_UI_URL']);
  if (ui && hasCredentials(ui))
    problems.push('TEMPORAL_UI_URL: must not carry credentials: it is shown to every caller');
  return problems;
}

const isReadable = (url: URL): boolean => url.protocol === 'http:' && !isLoopback(url.hostname);
const hasCredentials = ({ username, password }: URL): boolean => username !== '' || password !== '';
/** Undefined for what is none: that is told where the variable is read. */
const urlOf = (text: string | undefined): URL | undefined =>
  text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
/** Of `host:port`. */
export const hostOf = (address: string): string => address.replace(/:\d*$/, '');

import { isLoopback } from '../ground/loopback.ts';
import { secretsOf, type Declaration } from './declaration.ts';
import type { Environment } from './secret-files.ts';

/** Secrets that would travel readable by others: nothing is on the way to a loopback address. */
export function inClearText(env: Environment): string[] {
  return [...ofKafka(env), ...ofTemporal(env), ...ofHttp(env)];
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

function ofHttp(env: Environment): string[] {
  const problems: string[] = [];
  const ui = urlOf(env['TEMPORAL_UI_URL']);
  if (ui && hasCredentials(ui))
    problems.push('TEMPORAL_UI_URL: must not carry credentials: it is shown to every caller');
  return problems;
}

/**
 * What a part of the application would send in clear text: a secret `<X>_…` goes to the URL `<X>_URL` of the same part. A URL that
 * is no secret itself must have no credentials, because nothing hides it.
 */
export function travelsReadable(text: Environment, part: Declaration): string[] {
  const secrets = secretsOf(part);
  return Object.keys(part.env ?? {}).flatMap((name) => {
    const url = urlOf(text[name]);
    if (!name.endsWith('_URL') || !url || !/^https?:$/.test(url.protocol)) return [];
    const ofUrl = secrets.filter((secret) => secret !== name && secret.startsWith(name.slice(0, -'URL'.length)));
    const shown = hasCredentials(url) && !secrets.includes(name);
    const sent = [
      ...ofUrl.filter((secret) => text[secret] !== undefined),
      ...(hasCredentials(url) && !shown ? [name] : []),
    ];
    return [
      ...(shown ? [`${name}: must not carry credentials; set ${ofUrl[0] ?? 'a secret of their own'}`] : []),
      ...(isReadable(url) ? sent : []).map(
        (secret) => `${secret}: would travel in clear text to ${url.host}; give ${name} with https:`,
      ),
    ];
  });
}

const isReadable = (url: URL): boolean => url.protocol === 'http:' && !isLoopback(url.hostname);
const hasCredentials = ({ username, password }: URL): boolean => username !== '' || password !== '';
/** Undefined for what is none: that is told where the variable is read. */
const urlOf = (text: string | undefined): URL | undefined =>
  text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
/** Of `host:port`. */
export const hostOf = (address: string): string => address.replace(/:\d*$/, '');

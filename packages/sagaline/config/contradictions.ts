import { isLoopback } from '../ground/loopback.ts';
import { hostOf, inClearText } from './clear-text.ts';
import type { Environment } from './secret-files.ts';

export interface ProcessKind {
  /** False for a process without the HTTP API, such as a worker: it has nothing that API keys would protect. */
  readonly servesApi: boolean;
}

/** Variables that fit one by one and not together; read from the text, so that they are told beside all other problems. */
export function contradictions(env: Environment, { servesApi }: ProcessKind): string[] {
  return [
    ...ofTheApi(env, servesApi),
    ...ofTheArchive(env),
    ...ofServers(env),
    ...inClearText(env),
    ...ofFailpoints(env),
  ];
}

function ofTheApi(env: Environment, servesApi: boolean): string[] {
  const hasKeys = env['API_KEYS'] !== undefined || env['API_KEYS_FILE'] !== undefined;
  if (!servesApi || hasKeys || env['HTTP_HOST'] === undefined || isLoopback(env['HTTP_HOST'])) return [];
  return ['API_KEYS: required when HTTP_HOST is not a loopback address, for example of: openssl rand -hex 16'];
}

function ofTheArchive(env: Environment): string[] {
  const problems: string[] = [];
  if (env['ARCHIVE_KEEP_DAYS'] && !env['ARCHIVE_DIR']) {
    problems.push('ARCHIVE_KEEP_DAYS: set ARCHIVE_DIR too: days leave the database only when they are in files');
  }
  const { ARCHIVE_KEEP_FILES_DAYS: filesDays, ARCHIVE_KEEP_DAYS: days } = env;
  if (filesDays && !(Number(filesDays) >= Number(days))) {
    problems.push('ARCHIVE_KEEP_FILES_DAYS: must be ARCHIVE_KEEP_DAYS or more, which must be set, too');
  }
  return problems;
}

function ofServers(env: Environment): string[] {
  const problems: string[] = [];
  const { KAFKA_SASL_PASSWORD: password, KAFKA_SASL_PASSWORD_FILE: passwordFile } = env;
  const sasl = [env['KAFKA_SASL_MECHANISM'], env['KAFKA_SASL_USERNAME'], password ?? passwordFile];
  if (![0, 3].includes(sasl.filter(Boolean).length)) {
    problems.push('KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: set all three or none');
  }
  if (env['TEMPORAL_TLS_SERVER_NAME'] && env['TEMPORAL_TLS'] !== 'true') {
    problems.push('TEMPORAL_TLS_SERVER_NAME: has no effect unless TEMPORAL_TLS=true');
  }
  return problems;
}

/** They kill the process: whoever sets them has servers of his own on this machine, or says that this is a test (whose containers have addresses of their own). */
function ofFailpoints(env: Environment): string[] {
  if (!env['SAGALINE_FAILPOINTS'] || env['NODE_ENV'] === 'test') return [];
  if (env['NODE_ENV'] === 'production')
    return ['SAGALINE_FAILPOINTS: for fault tests only; refused where NODE_ENV=production'];
  const { HTTP_HOST, KAFKA_BROKERS, TEMPORAL_ADDRESS, DATABASE_URL } = env;
  const hosts: Record<string, readonly (string | undefined)[]> = {
    HTTP_HOST: [HTTP_HOST],
    KAFKA_BROKERS: KAFKA_BROKERS?.split(',').map((broker) => hostOf(broker.trim())) ?? [],
    TEMPORAL_ADDRESS: [TEMPORAL_ADDRESS && hostOf(TEMPORAL_ADDRESS)],
    DATABASE_URL: [DATABASE_URL && URL.canParse(DATABASE_URL) ? new URL(DATABASE_URL).hostname : undefined],
  };
  const remote = Object.keys(hosts).filter((name) => hosts[name]?.some((host) => host && !isLoopback(host)));
  if (remote.length === 0) return [];
  return [
    `SAGALINE_FAILPOINTS: for fault tests only; refused where ${remote.join(', ')} is not this machine, unless NODE_ENV=test`,
  ];
}

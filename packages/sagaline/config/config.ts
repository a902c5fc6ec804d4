/** The only reader of the environment. Every problem is reported at once, by variable name, with what is expected. */
import { z } from 'zod';
import { contradictions, type ProcessKind } from './contradictions.ts';
import type { Declaration } from './declaration.ts';
import { readDeclared, secretsIn } from './declared.ts';
import { apiKey, count, duration, httpUrl, milliseconds } from './fields.ts';
import { address, addresses, apiKeys, file, flag, hostName, list, sagaSettings } from './process-fields.ts';
import { redacted } from './redacted.ts';
import { SECRETS, withSecretFiles, type Environment } from './secret-files.ts';
import { readTlsFiles } from './tls-files.ts';
import { isLoopback } from '../ground/loopback.ts';

/** What a gateway process can run, together or each in processes of its own. */
export const GATEWAY_PARTS = ['http', 'consumer', 'relay'] as const;

const Variables = z.object({
  KAFKA_BROKERS: addresses.default(['127.0.0.1:9092']),
  KAFKA_CLIENT_ID: z.string().min(1).default('sagaline'),
  KAFKA_GROUP_ID: z.string().min(1).default('sagaline'),
  KAFKA_TLS: flag.default(false),
  KAFKA_TLS_CA_FILE: file,
  KAFKA_TLS_CERT_FILE: file,
  KAFKA_TLS_KEY_FILE: file,
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_PARTITIONS: count(1, 1000).default(6),
  TEMPORAL_ADDRESS: address.default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('sagaline'),
  TEMPORAL_UI_URL: httpUrl.default('http://127.0.0.1:8233'),
  TEMPORAL_TLS: flag.default(false),
  TEMPORAL_TLS_CA_FILE: file,
  TEMPORAL_TLS_CERT_FILE: file,
  TEMPORAL_TLS_KEY_FILE: file,
  TEMPORAL_TLS_SERVER_NAME: hostName.optional(),
  TEMPORAL_API_KEY: apiKey.optional(),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .default('postgresql://sagaline:sagaline@127.0.0.1:5432/sagaline'),
  DATABASE_POOL_SIZE: count(2, 200).default(20),
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: count(0, 65_535).default(8080),
  HEALTH_PORT: z.literal('off').or(count(0, 65_535)).default(8081),
  HTTP_BODY_LIMIT_BYTES: count(1, 1024 * 1024).default(256 * 1024),
  HTTP_BATCH_LIMIT_BYTES: count(1, 64 * 1024 * 1024).default(4 * 1024 * 1024),
  HTTP_MAX_LIVE_READERS: count(1, 10_000).default(100),
  HTTP_MAX_READS: count(1, 200).default(5),
  HTTP_MAX_IN_FLIGHT: count(1, 100_000).default(256),
  HTTP_PRODUCE_TIMEOUT_MS: milliseconds.default(5_000),
  HTTP_ALLOWED_HOSTS: list.pipe(z.array(hostName)).optional(),
  API_KEYS: apiKeys.optional(),
  SAGA_SETTINGS: sagaSettings.default({}),
  WORKER_MAX_CACHED_WORKFLOWS: count(0, 100_000).default(500),
  WORKER_MAX_ACTIVITIES: count(1, 10_000).default(100),
  GATEWAY_PARTS: list.pipe(z.array(z.enum(GATEWAY_PARTS))).default([...GATEWAY_PARTS]),
  PIPELINE_PROJECTIONS: list.optional(),
  PIPELINE_SET_ASIDE_LIMIT: count(1, 1_000_000).default(100),
  ARCHIVE_DIR: z.string().optional(),
  ARCHIVE_GRACE: duration('0 seconds', '365 days').prefault('6 hours'),
  ARCHIVE_KEEP_DAYS: count(1, 36_500).optional(),
  ARCHIVE_KEEP_FILES_DAYS: count(1, 36_500).optional(),
  ARCHIVE_EXTRA_TOPICS: list.pipe(z.array(z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, 'must be a topic'))).default([]),
  SEARCH_PERSONAL_DATA: flag.default(false),
  MAX_STARTS_IN_FLIGHT: count(1, 1000).default(64),
  PARKED_EVENT_WINDOW_MS: milliseconds.default(24 * 60 * 60 * 1000),
  SHUTDOWN_TIMEOUT_MS: milliseconds.default(20_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** For fault tests only: names of points at which the process kills itself. */
  SAGALINE_FAILPOINTS: list.default([]).or(z.literal('').transform(() => [])),
});

/** The names of all variables; secrets may come from files, too. */
export const VARIABLES: readonly string[] = [...Object.keys(Variables.shape), ...SECRETS.map((name) => `${name}_FILE`)];

/** Thrown when the environment does not make a configuration; `problems` has one line per variable. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
  /** `NAME: what to do`. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `the configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** The whole configuration of a process. */
export type Config = ReturnType<typeof readConfig>;

/** Which process reads it, and what else has variables. */
export interface ConfigOptions extends Partial<ProcessKind> {
  /** Parts of the application that have variables of their own. */
  readonly declared?: readonly Declaration[];
}

/**
 * Reads and checks the environment, and the files that it names. A variable that is empty counts as absent.
 *
 * @throws InvalidConfiguration naming every variable that does not fit
 */
export function readConfig(environment: Environment, { servesApi = true, declared = [] }: ConfigOptions = {}) {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const secrets = withSecretFiles(present, [...SECRETS, ...secretsIn(declared)]);
  const kafkaTls = readTlsFiles(present, 'KAFKA_TLS');
  const temporalTls = readTlsFiles(present, 'TEMPORAL_TLS');
  const parsed = Variables.safeParse(secrets.env);
  const ofParts = readDeclared(secrets.env, declared);
  const problems = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...[...secrets.problems, ...kafkaTls.problems, ...temporalTls.problems],
    ...contradictions(secrets.env, { servesApi }),
    ...ofParts.problems,
  ];
  if (!parsed.success || problems.length > 0) throw new InvalidConfiguration(problems);
  const env = parsed.data;
  const openOnLoopback = !env.API_KEYS && isLoopback(env.HTTP_HOST);

  return {
    /** Of the declared parts; `envOf` reads it. */
    declared: ofParts.values,
    kafka: {
      brokers: env.KAFKA_BROKERS,
      clientId: env.KAFKA_CLIENT_ID,
      groupId: env.KAFKA_GROUP_ID,
      partitions: env.KAFKA_PARTITIONS,
      /** Undefined: plain text. */
      tls: kafkaTls.tls && redacted(kafkaTls.tls, 'key'),
      sasl:
        env.KAFKA_SASL_MECHANISM && env.KAFKA_SASL_USERNAME && env.KAFKA_SASL_PASSWORD
          ? redacted(
              {
                mechanism: env.KAFKA_SASL_MECHANISM,
                username: env.KAFKA_SASL_USERNAME,
                password: env.KAFKA_SASL_PASSWORD,
              },
              'password',
            )
          : undefined,
    },
    temporal: redacted(
      {
        address: env.TEMPORAL_ADDRESS,
        namespace: env.TEMPORAL_NAMESPACE,
        taskQueue: env.TEMPORAL_TASK_QUEUE,
        uiUrl: env.TEMPORAL_UI_URL,
        /** Undefined: plain text. */
        tls: temporalTls.tls && redacted({ ...temporalTls.tls, serverName: env.TEMPORAL_TLS_SERVER_NAME }, 'key'),
        apiKey: env.TEMPORAL_API_KEY,
      },
      'apiKey',
    ),
    database: redacted({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE, acquireTimeoutMs: 5_000 }, 'url'),
    http: redacted(
      {
        host: env.HTTP_HOST,
        port: env.HTTP_PORT,
        bodyLimitBytes: env.HTTP_BODY_LIMIT_BYTES,
        batchLimitBytes: env.HTTP_BATCH_LIMIT_BYTES,
        maxInFlight: env.HTTP_MAX_IN_FLIGHT,
        maxReads: env.HTTP_MAX_READS,
        maxLiveReaders: env.HTTP_MAX_LIVE_READERS,
        produceTimeoutMs: env.HTTP_PRODUCE_TIMEOUT_MS,
        apiKeys: env.API_KEYS ?? [],
        /** Undefined: any. Without keys, loopback is no protection from a web page whose name was made to point there. */
        allowedHosts: env.HTTP_ALLOWED_HOSTS ?? (openOnLoopback ? [] : undefined),
      },
      'apiKeys',
    ),
    /** Undefined: off. */
    healthPort: env.HEALTH_PORT === 'off' ? undefined : env.HEALTH_PORT,
    gatewayParts: new Set(env.GATEWAY_PARTS),
    worker: {
      maxCachedWorkflows: env.WORKER_MAX_CACHED_WORKFLOWS,
      maxConcurrentActivities: env.WORKER_MAX_ACTIVITIES,
    },
    ingest: {
      maxStartsInFlight: env.MAX_STARTS_IN_FLIGHT,
      parkedWindowMs: env.PARKED_EVENT_WINDOW_MS,
      sagaSettings: env.SAGA_SETTINGS,
    },
    pipeline: {
      /** Undefined: all. */
      projections: env.PIPELINE_PROJECTIONS,
      /** Records of a partition that a projection sets aside one after the other, at most. */
      setAsideLimit: env.PIPELINE_SET_ASIDE_LIMIT,
      archive: {
        extraTopics: env.ARCHIVE_EXTRA_TOPICS,
        policy: {
          directory: env.ARCHIVE_DIR,
          graceMs: env.ARCHIVE_GRACE,
          keepDays: env.ARCHIVE_KEEP_DAYS,
          keepFilesDays: env.ARCHIVE_KEEP_FILES_DAYS,
        },
      },
      search: { personalData: env.SEARCH_PERSONAL_DATA },
    },
    shutdownTimeoutMs: env.SHUTDOWN_TIMEOUT_MS,
    logLevel: env.LOG_LEVEL,
    failpoints: env.SAGALINE_FAILPOINTS,
  };
}

/** The only reader of the environment. Every problem is reported at once, by variable name, with what is expected. */
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { msOf } from '../workflows/kernel/duration.ts';
import { STATISTICS_DEFAULTS, keptTooShort, perSize } from './pipeline/statistics/settings.ts';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
/** Up to the longest time that a Node timer can wait. */
const milliseconds = count(1, 2 ** 31 - 1);
const address = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/, 'must be host:port');
const list = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)).min(1));
const addresses = list.pipe(z.array(address));
const apiKeys = list.pipe(z.array(z.string().regex(/^[\x21-\x7e]{16,}$/, 'needs 16 or more printable characters')));

/** Checked here, by the kernel's own rule: in a saga's input a misspelt duration would hold that saga until a deploy. */
function durationCheck({ value, issues }: z.core.ParsePayload<string | number>): void {
  try {
    msOf(value);
  } catch (error) {
    issues.push({ code: 'custom', input: value, message: error instanceof Error ? error.message : String(error) });
  }
}

/** A time such as '30 minutes' or '90s', in ms; a number alone is ms. */
function duration(min: string, max: string) {
  const inMs = (text: string): number => msOf(/^\d+$/.test(text) ? Number(text) : text);
  const bounds = `must be a time from ${min} to ${max}, such as '90s' or '30 minutes'`;
  return z.string().transform((text, context) => {
    try {
      const ms = inMs(text);
      if (Number.isInteger(ms) && ms >= inMs(min) && ms <= inMs(max)) return ms;
    } catch {
      // No duration at all: the same words help.
    }
    context.addIssue(bounds);
    return z.NEVER;
  });
}

/** `{ "orderSaga": { "deadline": "1 hour" } }`: durations that override a saga definition's settings for new sagas. */
const sagaSettings = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be a JSON object such as {"orderSaga":{"deadline":"1 hour"}}');
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()]).check(durationCheck))));

/** What a gateway process can run, together or each in processes of its own. */
export const GATEWAY_PARTS = ['http', 'consumer', 'relay'] as const;

const Variables = z.object({
  KAFKA_BROKERS: addresses.default(['127.0.0.1:9092']),
  KAFKA_CLIENT_ID: z.string().min(1).default('sagaline'),
  KAFKA_GROUP_ID: z.string().min(1).default('sagaline'),
  KAFKA_TLS: flag.default(false),
  KAFKA_TLS_CA_FILE: z.string().optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_PARTITIONS: count(1, 1000).default(6),
  TEMPORAL_ADDRESS: address.default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('sagaline'),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
  TEMPORAL_TLS: flag.default(false),
  TEMPORAL_API_KEY: z.string().optional(),
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
  API_KEYS: apiKeys.optional(),
  PAYMENT_URL: z.url().default('http://127.0.0.1:8090'),
  PAYMENT_TIMEOUT_MS: milliseconds.default(5_000),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).default('smtp://127.0.0.1:1025'),
  SMS_URL: z.url().default('http://127.0.0.1:8091'),
  MAIL_FROM: z.string().default('Sagaline <orders@sagaline.example>'),
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
  STATISTICS_LATENESS: perSize(STATISTICS_DEFAULTS.latenessMs).default(STATISTICS_DEFAULTS.latenessMs),
  STATISTICS_KEEP: perSize(STATISTICS_DEFAULTS.keepMs).default(STATISTICS_DEFAULTS.keepMs),
  BEHAVIOUR_SESSION_GAP: duration('1 second', '30 days').prefault('30 minutes'),
  LOGS_RETENTION: duration('1 day', '3650 days').prefault('7 days'),
  LOGS_BURST_THRESHOLD: count(1, 1_000_000).default(50),
  LOGS_BURST_WINDOW: duration('1 second', '1 day').prefault('1 minute'),
  ALERT_EMAIL: z.email().max(254).optional(),
  SEARCH_INDEX: z.enum(['postgresql', 'opensearch']).default('postgresql'),
  SEARCH_PERSONAL_DATA: flag.default(false),
  SEARCH_LOG_RETENTION: duration('1 minute', '3650 days').prefault('7 days'),
  SEARCH_LOG_MAX: count(1, 1_000_000_000).default(5_000_000),
  OPENSEARCH_URL: z.url({ protocol: /^https?$/ }).optional(),
  OPENSEARCH_INDEX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,99}$/, 'must be lower-case letters, digits or -')
    .default('sagaline-search'),
  MAX_STARTS_IN_FLIGHT: count(1, 1000).default(64),
  PARKED_EVENT_WINDOW_MS: milliseconds.default(24 * 60 * 60 * 1000),
  SHUTDOWN_TIMEOUT_MS: milliseconds.default(20_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** For fault tests only: names of points at which the process kills itself. */
  SAGALINE_FAILPOINTS: list.default([]).or(z.literal('').transform(() => [])),
});

/** Thrown when the environment does not make a configuration; `problems` has one line per variable. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `the configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

export type Config = ReturnType<typeof readConfig>;

type Environment = Readonly<Record<string, string | undefined>>;

interface ReadOptions {
  /** False for a process without the HTTP API, such as a worker: it has nothing that API keys would protect. */
  readonly servesApi?: boolean;
}

/**
 * Reads and checks the environment. A variable that is empty counts as absent.
 *
 * @throws InvalidConfiguration naming every variable that does not fit
 */
export function readConfig(environment: Environment, { servesApi = true }: ReadOptions = {}) {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Variables.safeParse(present);
  const problems = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...contradictions(present, servesApi),
  ];
  if (!parsed.success || problems.length > 0) throw new InvalidConfiguration(problems);
  const env = parsed.data;

  return {
    kafka: {
      brokers: env.KAFKA_BROKERS,
      clientId: env.KAFKA_CLIENT_ID,
      groupId: env.KAFKA_GROUP_ID,
      partitions: env.KAFKA_PARTITIONS,
      tls: env.KAFKA_TLS,
      tlsCaFile: env.KAFKA_TLS_CA_FILE,
      sasl:
        env.KAFKA_SASL_MECHANISM && env.KAFKA_SASL_USERNAME && env.KAFKA_SASL_PASSWORD
          ? {
              mechanism: env.KAFKA_SASL_MECHANISM,
              username: env.KAFKA_SASL_USERNAME,
              password: env.KAFKA_SASL_PASSWORD,
            }
          : undefined,
    },
    temporal: {
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      taskQueue: env.TEMPORAL_TASK_QUEUE,
      uiUrl: env.TEMPORAL_UI_URL,
      tls: env.TEMPORAL_TLS,
      apiKey: env.TEMPORAL_API_KEY,
    },
    database: { url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE, acquireTimeoutMs: 5_000 },
    http: {
      host: env.HTTP_HOST,
      port: env.HTTP_PORT,
      bodyLimitBytes: env.HTTP_BODY_LIMIT_BYTES,
      batchLimitBytes: env.HTTP_BATCH_LIMIT_BYTES,
      maxInFlight: env.HTTP_MAX_IN_FLIGHT,
      maxReads: env.HTTP_MAX_READS,
      maxLiveReaders: env.HTTP_MAX_LIVE_READERS,
      produceTimeoutMs: env.HTTP_PRODUCE_TIMEOUT_MS,
      apiKeys: env.API_KEYS ?? [],
    },
    /** Undefined: off. */
    healthPort: env.HEALTH_PORT === 'off' ? undefined : env.HEALTH_PORT,
    gatewayParts: new Set(env.GATEWAY_PARTS),
    worker: {
      maxCachedWorkflows: env.WORKER_MAX_CACHED_WORKFLOWS,
      maxConcurrentActivities: env.WORKER_MAX_ACTIVITIES,
    },
    payment: { url: env.PAYMENT_URL, timeoutMs: env.PAYMENT_TIMEOUT_MS },
    notification: { smtpUrl: env.SMTP_URL, smsUrl: env.SMS_URL, from: env.MAIL_FROM, operatorsEmail: env.ALERT_EMAIL },
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
      statistics: { latenessMs: env.STATISTICS_LATENESS, keepMs: env.STATISTICS_KEEP },
      behaviour: { sessionGapMs: env.BEHAVIOUR_SESSION_GAP },
      search: {
        /** Undefined: PostgreSQL. */
        openSearch:
          env.SEARCH_INDEX === 'opensearch' && env.OPENSEARCH_URL
            ? { url: env.OPENSEARCH_URL, prefix: env.OPENSEARCH_INDEX }
            : undefined,
        personalData: env.SEARCH_PERSONAL_DATA,
        logs: { retentionMs: env.SEARCH_LOG_RETENTION, max: env.SEARCH_LOG_MAX },
      },
      logs: {
        retentionMs: env.LOGS_RETENTION,
        burst: { threshold: env.LOGS_BURST_THRESHOLD, windowMs: env.LOGS_BURST_WINDOW },
      },
    },
    shutdownTimeoutMs: env.SHUTDOWN_TIMEOUT_MS,
    logLevel: env.LOG_LEVEL,
    failpoints: env.SAGALINE_FAILPOINTS,
  };
}

/** Variables that fit one by one and not together; read from the text, so that they are told beside all other problems. */
function contradictions(env: Environment, servesApi: boolean): string[] {
  const problems: string[] = [];
  if (servesApi && !env.API_KEYS && env.HTTP_HOST !== undefined && !isLoopback(env.HTTP_HOST)) {
    problems.push(
      'API_KEYS: required when HTTP_HOST is not a loopback address, for example API_KEYS=<16 characters or more>',
    );
  }
  if (env.ARCHIVE_KEEP_DAYS && !env.ARCHIVE_DIR) {
    problems.push('ARCHIVE_KEEP_DAYS: set ARCHIVE_DIR too: days leave the database only when they are in files');
  }
  if (env.ARCHIVE_KEEP_FILES_DAYS && !(Number(env.ARCHIVE_KEEP_FILES_DAYS) >= Number(env.ARCHIVE_KEEP_DAYS))) {
    problems.push('ARCHIVE_KEEP_FILES_DAYS: must be ARCHIVE_KEEP_DAYS or more, which must be set, too');
  }
  const sasl = [env.KAFKA_SASL_MECHANISM, env.KAFKA_SASL_USERNAME, env.KAFKA_SASL_PASSWORD].filter(Boolean).length;
  if (sasl !== 0 && sasl !== 3) {
    problems.push('KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: set all three or none');
  }
  if (env.KAFKA_TLS_CA_FILE && env.KAFKA_TLS !== 'true') {
    problems.push('KAFKA_TLS_CA_FILE: has no effect unless KAFKA_TLS=true');
  }
  if (env.SEARCH_INDEX === 'opensearch' && !env.OPENSEARCH_URL) {
    problems.push('OPENSEARCH_URL: required when SEARCH_INDEX=opensearch, for example http://127.0.0.1:9200');
  }
  if (env.TEMPORAL_API_KEY && env.TEMPORAL_TLS !== 'true') {
    problems.push('TEMPORAL_API_KEY: would travel in clear text; set TEMPORAL_TLS=true');
  }
  const lateness = Variables.shape.STATISTICS_LATENESS.safeParse(env.STATISTICS_LATENESS);
  const keep = Variables.shape.STATISTICS_KEEP.safeParse(env.STATISTICS_KEEP);
  if (lateness.success && keep.success) {
    const sizes = keptTooShort({ latenessMs: lateness.data, keepMs: keep.data }).join(', ');
    if (sizes) problems.push(`STATISTICS_KEEP: shorter than STATISTICS_LATENESS for windows of ${sizes}`);
  }
  return problems;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import { createLogOutput, type LogOutput } from './log-output.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Which process speaks: gateway, worker, all-in-one. */
  readonly name: string;
  readonly level: string;
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

/** The net under the rule "no personal data and no secret is ever logged": should one slip in, it does not come out. */
const REDACTED = [
  'email',
  'phone',
  'contact',
  'token',
  'password',
  'authorization',
  'apiKey',
  'apiKeys',
  'smsApiKey',
  'databaseUrl',
  'smtpUrl',
  'payload',
  'body',
];

/** One for the process, however many loggers it makes. */
let standardOutput: LogOutput | undefined;

/** One JSON object a line, escaped, so that no payload can forge a line. Times are RFC 3339. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
    serializers: { err: serializeError, error: serializeError },
  };
  return pino(options, destination ?? (standardOutput ??= createLogOutput()));
}

/**
 * Keeps type, code, message and stack, and of Prisma's messages only the last line: the lines above it quote the
 * arguments of the call.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { type, message, stack } = stdSerializers.err(error);
  const code = 'code' in error ? { code: error.code } : {};
  if (!error.name.startsWith('Prisma')) return { type, message, stack, ...code };
  return { type, message: message.trim().split('\n').at(-1), ...code };
}

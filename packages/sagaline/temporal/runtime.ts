import { Runtime, type Logger as TemporalLogger, type LogLevel } from '@temporalio/worker';
import type { Logger } from '../ground/logger.ts';

/**
 * Installs the process's Temporal runtime: its lines go to our log, from the SDK and its native core alike, and signals are
 * left to our own lifecycle, which drains the worker in its turn. Call it once, before anything of Temporal's.
 */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: temporalLogger(logger.child({ part: 'temporal' })),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}

/** Our log in the form that Temporal's SDK speaks to. */
export function temporalLogger(logger: Logger): TemporalLogger {
  const line = (level: Lowercase<LogLevel>) => (message: string, meta?: Record<string | symbol, unknown>) => {
    // Symbols are the SDK's own notes on time and source.
    logger[level](Object.fromEntries(Object.entries(meta ?? {})), message);
  };
  return {
    log: (level, message, meta) => line(level.toLowerCase() as Lowercase<LogLevel>)(message, meta),
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
}

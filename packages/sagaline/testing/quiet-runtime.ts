/** The process's Temporal runtime under test: it prints nothing, and keeps what it would have printed of errors. */
import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';

/** For the bundler, which tells every module. */
export const quietLogger = new DefaultLogger('ERROR');

const log: LogEntry[] = [];
let installed = false;

/**
 * Call it before anything of Temporal's. Errors are kept for tests to look at, not printed: they are on purpose here, and each
 * would print its failed task.
 *
 * @returns the errors that workflows and workers logged so far, and those to come
 */
export function quietRuntime(): readonly LogEntry[] {
  if (installed) return log;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR', (entry) => void log.push(entry)),
    // Tests stop their workers by themselves.
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
  return log;
}

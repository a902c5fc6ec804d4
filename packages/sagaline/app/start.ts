import type { Lifecycle } from '../ground/lifecycle.ts';
import type { App } from './define-app.ts';
import type { Role } from './roles.ts';

/** A process that runs. It also ends by itself: on SIGTERM and SIGINT, and when one of its parts fails. */
export interface RunningProcess {
  /** Drains what runs, what was started last first, and ends this process. */
  readonly stop: Lifecycle['stop'];
}

/**
 * Makes this process one of an application's, and resolves when all of it runs.
 *
 * @throws InvalidConfiguration, CannotStart
 */
export async function start(
  app: App,
  role: Role,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RunningProcess> {
  // Whoever only declares an application does not wait for servers' clients, and Temporal's native core.
  const { PROCESSES } = await import('./processes.ts');
  const { lifecycle } = await PROCESSES[role](app, environment);
  return { stop: (reason, code) => lifecycle.stop(reason, code) };
}

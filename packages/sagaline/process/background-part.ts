/** Runs what participants do beside their calls, such as a sweep, from time to time. */
import type { BackgroundWork, ParticipantLogger } from '../participants/tools.ts';
import type { Part } from '../ground/lifecycle.ts';

/** Runs it until it is closed. A round that fails is tried again; two never run at a time in one process. */
export function startBackground({ name, everyMs, run }: BackgroundWork, logger: ParticipantLogger): Part {
  let running: Promise<void> | undefined;
  let closing = false;
  const timer = setInterval(() => {
    running ??= run(() => closing)
      .catch((error: unknown) => logger.warn({ err: error, work: name }, `the ${name} failed and will be tried again`))
      .finally(() => (running = undefined));
  }, everyMs);

  return {
    name,
    async close() {
      closing = true;
      clearInterval(timer);
      await running;
    },
  };
}

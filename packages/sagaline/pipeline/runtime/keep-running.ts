import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../../ground/logger.ts';
import type { PipelineObserver } from './observer.ts';
import type { RunningProjection } from './run-projection.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

interface KeepDeps {
  readonly name: string;
  readonly start: () => Promise<RunningProjection>;
  readonly logger: Logger;
  readonly observer: PipelineObserver;
}

export interface KeptProjection {
  isReady(): boolean;
  close(): Promise<void>;
}

/**
 * Keeps one projection running, whatever befalls it: started again with growing pauses, and not ready meanwhile. The others
 * in the process do not notice. Resolves when the first attempt ended, well or not.
 */
export async function keepRunning({ name, start, logger, observer }: KeepDeps): Promise<KeptProjection> {
  const closing = new AbortController();
  const closed = once(closing.signal, 'abort');
  let current: RunningProjection | undefined;
  let attempted: () => void;
  const firstAttempt = new Promise<void>((resolve) => (attempted = resolve));

  async function keep(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !closing.signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        current = await start();
        attempted();
        pauseMs = FIRST_PAUSE_MS;
        logger.info({ projection: name }, 'the projection runs');
        await Promise.race([current.failed, closed]);
      } catch (error) {
        observer.failed(name);
        logger.error(
          { err: error, projection: name, pauseMs },
          'the projection does not run and will be started again',
        );
      }
      await current?.close();
      current = undefined;
      attempted();
      await setTimeout(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const kept = keep();
  await firstAttempt;
  return {
    isReady: () => current?.isReady() ?? false,
    async close() {
      closing.abort();
      await kept;
    },
  };
}

import { isRetriable } from './errors.ts';

export interface RecoveryLimits {
  readonly maxRebuilds: number;
  readonly maxOutageMs: number;
  readonly rebuildAfterMs: number;
}

export interface Recovery {
  /** Takes note of a crash; returns the pause before the next rebuild in ms, or undefined when there should be none. */
  crashed(cause: unknown): number | undefined;
  /** Rebuilds since the last sign of life. */
  rebuilds(): number;
  alive(): void;
}

const MAX_PAUSE_MS = 5_000;

/**
 * Decides whether a crashed consumer is built again. An outage of the cluster may last (readiness tells of it); what waiting cannot
 * mend, such as a batch that no codec reads or a topic that is gone, is tried a few times and then ends the process.
 */
export function createRecovery({ maxRebuilds, maxOutageMs, rebuildAfterMs }: RecoveryLimits): Recovery {
  let crashes = 0;
  let fatalCrashes = 0;
  let outageSince: number | undefined;
  return {
    crashed(cause) {
      outageSince ??= Date.now();
      crashes += 1;
      if (!isRetriable(cause)) fatalCrashes += 1;
      if (fatalCrashes > maxRebuilds || Date.now() - outageSince > maxOutageMs) return undefined;
      return Math.min(MAX_PAUSE_MS, rebuildAfterMs * 2 ** (crashes - 1));
    },
    rebuilds: () => Math.max(0, crashes - 1),
    alive() {
      crashes = 0;
      fatalCrashes = 0;
      outageSince = undefined;
    },
  };
}

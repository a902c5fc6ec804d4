export interface LockOptions {
  /** How long to wait for another holder, in ms; ten minutes by default. */
  readonly waitMs?: number;
  /** Called once if somebody else holds the lock. */
  readonly onWait?: () => void;
}

/** Runs `work` while no other process runs its own under the same `path`. @throws when the wait is over */
export function withLock<T>(path: string, work: () => Promise<T>, options?: LockOptions): Promise<T>;

/** A process as it is recorded: the pid alone may belong to somebody else by the time it is read. */
export interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
}

/** What sets a living process apart from every other that had or will have its pid; undefined when it is gone. */
export function identityOf(pid: number): string | undefined;

/** True while the recorded process, and not a later one with its pid, runs. */
export function isAlive(record: ProcessRecord): boolean;

/** Kills the process at a named point when the configuration asks for it: how fault tests make the worst moment happen. */
export type Failpoint = (name: FailpointName) => void;

/** A point at which a process can be made to die: who is at it, and when. */
export type FailpointName = `${string}.${string}`;

/** @param enabled names from SAGALINE_FAILPOINTS; with none, every point is a no-op */
export function createFailpoint(enabled: readonly string[]): Failpoint {
  const names: ReadonlySet<string> = new Set(enabled);
  return function failpoint(name) {
    if (names.has(name)) process.kill(process.pid, 'SIGKILL');
  };
}

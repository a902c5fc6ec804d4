/** Kills the process at a named point when the configuration asks for it: how fault tests make the worst moment happen. */
export type Failpoint = (name: FailpointName) => void;

/** Every point at which a process can be made to die. */
export type FailpointName =
  | 'charge.after-provider'
  | 'refund.after-provider'
  | 'analytics.after-record'
  | 'profile.after-create'
  | 'ingest.after-inbox'
  | 'ingest.after-start'
  | 'relay.after-send'
  | 'http.before-answer'
  | 'projection.before-commit'
  | 'projection.after-commit';

/** @param enabled names from SAGALINE_FAILPOINTS; with none, every point is a no-op */
export function createFailpoint(enabled: readonly string[]): Failpoint {
  const names = new Set(enabled);
  return function failpoint(name) {
    if (names.has(name)) process.kill(process.pid, 'SIGKILL');
  };
}

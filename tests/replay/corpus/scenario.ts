import type { RunningSaga, SagaToStart } from './running-saga.ts';
import type { Servers } from './servers.ts';

/** How an outcome comes about: what is started, and what happens to it meanwhile. */
export interface Scenario {
  readonly saga: SagaToStart;
  /** What must be so when it starts. */
  readonly before?: (servers: Servers) => Promise<unknown>;
  readonly meanwhile?: (saga: RunningSaga, servers: Servers) => Promise<unknown>;
  /** Runs while nothing else runs: it breaks what others need. */
  readonly alone?: true;
}

import type { Ports } from './ports.ts';

/** What every server of a native stack is started with. */
export interface NativeContext {
  readonly ports: Ports;
  /** Logs, records and data, except PostgreSQL's if its user cannot enter there. */
  readonly stateDirectory: string;
  /** Data outlive `down`, Temporal's too. */
  readonly persist: boolean;
  /** PostgreSQL waits for the disk. Off only where a crash of the machine may lose everything. */
  readonly fsync: boolean;
}
